#!/bin/sh
# C source of a library with COUNT exports: exports.sh COUNT
awk -v count="$1" 'BEGIN {
	for (i = 0; i < count; i++)
		printf "int export_%d(int a);\nint export_%d(int a)\n{\n\treturn a + %d;\n}\n", i, i, i
}'
