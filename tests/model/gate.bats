#!/usr/bin/env bats
# The state machine of rt, checked by spin over every interleaving; see gate.pml.

bats_require_minimum_version 1.8.0

MODEL=$BATS_TEST_DIRNAME/gate.pml

# What the model can be told to get wrong, or to put back: MUTANT_x, LIMIT_x.
switches() {
	grep -Eo "\<$1_[A-Z_]*[A-Z]\>" "$MODEL" | sort -u
}

# Explore the model with the given -D options into the file `out`. Clang compiles
# the verifier several times faster than gcc does.
explore() { # -O0|-O1, pan.c's options, pan's options, the model's -D options
	local optimise=$1 verifier=$2 pan=$3
	shift 3
	spin -a "$@" "$MODEL" >spin.out 2>&1 || { cat spin.out; return 1; }
	# shellcheck disable=SC2086
	"$(command -v clang || command -v cc)" -w "$optimise" -DNOCLAIM -DCOLLAPSE $verifier -o pan pan.c || return 1
	# shellcheck disable=SC2086
	./pan -m10000 $pan >out 2>&1
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

@test "no call passes early, init and main run once and nobody waits for ever, in every interleaving" {
	explore -O1 -DSAFETY ""
	cat out
	grep -q 'errors: 0$' out
	run ! grep -Eq 'max search depth too small|out of memory|^pan:1' out
	[ "$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' out)" -gt 1000000 ]
}

@test "no thread goes round in circles" {
	explore -O1 -DNP -l -DFEW_SCENARIOS
	cat out
	grep -q 'errors: 0$' out
	run ! grep -Eq 'max search depth too small|out of memory|^pan:1' out
}

@test "spin finds an error as soon as one rule is taken away or broken" {
	local switch unnoticed=
	[ "$(switches MUTANT | wc -l)" -ge 20 ]
	for switch in $(switches MUTANT); do
		explore -O0 -DSAFETY "-w18" "-D$switch"
		grep -q 'errors: 1$' out || unnoticed+=" $switch"
	done
	echo "unnoticed:$unnoticed"
	[ -z "$unnoticed" ]
}

@test "spin finds the waits that no rule prevents, which the model leaves out" {
	local switch
	[ "$(switches LIMIT | wc -l)" -eq 2 ]
	for switch in $(switches LIMIT); do
		explore -O0 -DSAFETY "-w18" "-D$switch"
		grep -q 'invalid end state' out
	done
}
