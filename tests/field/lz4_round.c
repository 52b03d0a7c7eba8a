/* Standard input through liblz4 and back. */
#include <lz4.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
	static char text[1 << 20], packed[LZ4_COMPRESSBOUND(1 << 20)], again[1 << 20];
	int size = (int)fread(text, 1, sizeof text, stdin);
	int length = LZ4_compress_default(text, packed, size, sizeof packed);

	if (size == 0 || length <= 0 || LZ4_decompress_safe(packed, again, length, sizeof again) != size ||
	    memcmp(text, again, (size_t)size) != 0)
		return 1;
	puts("round trip");
	return 0;
}
