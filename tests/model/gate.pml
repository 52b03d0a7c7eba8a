/*
 * The state machine of rt, for spin.
 *
 * One run explores every interleaving of every scenario that init (at the end)
 * can choose: load, spawn, call, take-over, failure, death, fork. A timer is a
 * choice that may be made at any moment once its condition holds, so no result
 * depends on a duration. The one-second look that rt0_wait takes at the runner is
 * there only when it would see something: a wake that is lost must not be healed
 * by it. Nothing here spins, so an execution that cannot go on is a wait for ever
 * (spin: invalid end state), and so is a cycle.
 *
 * The states are those of rt/abi.h; an inline or a proctype names the function of
 * rt/ that it follows, one access to shared memory a step. Memory is sequentially
 * consistent here: what acquire and release are for is not this model's business.
 * Process 0 is the host, process 1 the child of a raw clone, which has its own copy
 * of rt's memory. Threads have fixed numbers.
 *
 * Each MUTANT_x takes one rule away or breaks it, each LIMIT_x puts back scenarios
 * that no rule covers: gate.bats expects spin to find an error with every one.
 */
#include "../../rt/abi.h"

#define LOADER      0 /* runs DT_INIT, the constructors and the twin under the loader's lock */
#define INIT        1 /* the init thread */
#define SECOND      2 /* --rt0-take-over=no: the init thread that does not wait for the load */
#define FOREIGN     3 /* a thread that has nothing to do with the load */
#define JOINED      4 /* a thread that a constructor makes and joins */
#define HELPER      5 /* a thread that init makes and joins */
#define CHILD       6 /* the one thread of process 1 */
#define CHILDSECOND 7 /* its SECOND */
#define CHILDINIT   8 /* its INIT */
#define NOBODY      15

#define BIT(thread) (1 << (thread))
#define DECIDED(word) ((word) == RT0_OPEN || (word) == RT0_FAILED)

/* rt's memory, by process. */
byte state[2];
byte runner[2] = NOBODY; /* rt0_self.runner */
bool deciding[2];        /* is_deciding of rt0_decide */
bool second[2];          /* is_second_made of take_over */
bool is_orphan;          /* is_orphaned of process 1, when it is STARTING */
bool fd_made;            /* rt0_self.ready_fd != 0 */

/* The kernel's and the loader's. */
short asleep[2]; /* threads asleep on the futex */
byte lock_owner = NOBODY, lock_depth;
bool fd_readable;

/* What the properties look at. */
byte inits[2], mains[2];
bool init_is_running[2], init_succeeded[2];
short done, dead; /* threads that ended; those of them that ended inside init */
byte threads;     /* not yet ended */
bool spawn_failed;

/* The scenario. */
mtype = { AFTER_LOAD, CONCURRENT, FIRST_CALL };
mtype = { NEITHER, BEFORE_US, AFTER_US, JOINS };
mtype = { SUCCEEDS, FAILS, DIES, NOTIFIES, NOTIFIES_AND_FAILS, NOTIFIES_AND_DIES };
mtype = { NOTHING, CALLS_US, MAKES_THREAD };
mtype mode, constructor, outcome;
mtype init_does = NOTHING;
bool takes_over, init_takes_lock, spawn_may_fail, is_foreign, is_polled, foreign_forks, is_raw_clone;

/* How a call came through the gate. */
#define HELD     0
#define BY_OPEN  1
#define BY_INNER 2 /* the init thread, or one that init made */
#define BY_FAIL  3
#define BY_FORK  4 /* rt0_fork_prepare before anything was started */

/*
 * The scenario never changes after it was chosen; each thread has a copy, by which
 * spin knows that looking at it meets no other thread.
 */
#define LOCALS                                                                                                         \
	byte seen, how;                                                                                                \
	bool won, due, gone;                                                                                           \
	mtype my_mode = mode, my_constructor = constructor, my_outcome = outcome, my_init_does = init_does;            \
	bool may_take_over = takes_over, needs_lock = init_takes_lock, may_fail = spawn_may_fail, polled = is_polled

/* The loader's lock is recursive; the child's is a new one that nobody else wants. */
inline lock(p, me)
{
	atomic {
		(p == 1 || lock_depth == 0 || lock_owner == me);
		if
		:: p == 0 ->
			lock_owner = me;
			lock_depth++
		:: else
		fi
	}
}

inline unlock(p)
{
	if
	:: p == 0 -> lock_depth--
	:: else
	fi
}

/* rt0_decide: once; the word first, then those who wait, then the ready fd. */
inline decide(p, to)
{
	atomic {
		won = !deciding[p];
#ifndef MUTANT_DECIDED_TWICE
		deciding[p] = true
#endif
	};
	if
	:: won ->
#ifdef MUTANT_WAKE_BEFORE_STATE
		asleep[p] = 0;
#endif
		atomic {
			assert(!DECIDED(state[p]));
			state[p] = to
		};
#if !defined(MUTANT_WAKE_LOST) && !defined(MUTANT_WAKE_BEFORE_STATE)
		asleep[p] = 0;
#endif
#ifndef MUTANT_FD_NOT_WRITTEN
		if
		:: polled && p == 0 ->
			if
			:: fd_made -> fd_readable = true
			:: else
			fi
		:: else
		fi
#endif
	:: else
	fi
}

/* rt0_claim: the runner's name is known before the state sends anyone to look for it. */
inline claim(p, me)
{
	won = false;
	if
	:: state[p] == RT0_STARTING ->
#ifdef MUTANT_CLAIM_WITHOUT_CAS
		runner[p] = me;
		state[p] = RT0_RUNNING;
		won = true
#else
		atomic {
			won = (runner[p] == NOBODY);
			if
			:: won -> runner[p] = me
			:: else
			fi
		};
		if
		:: won ->
			atomic {
				won = (state[p] == RT0_STARTING);
				if
				:: won -> state[p] = RT0_RUNNING
				:: else
				fi
			};
			if
			:: !won -> runner[p] = NOBODY
			:: else
			fi
		:: else
		fi
#endif
	:: else
	fi
}

/*
 * rt0_run_init. Init may use the loader's lock, call an export, make a thread that
 * does and join it, open the gates early, fail, or end its thread, which on_exit
 * or, in its absence, the look of rt0_wait turns into FAILED. The loader thread is
 * never ended: the loader's lock would be lost with it, whatever rt does.
 */
inline run_init(p, me)
{
	atomic {
		won = false;
		inits[p]++;
		assert(inits[p] == 1);
		init_is_running[p] = true
	};
	if
	:: needs_lock ->
		lock(p, me);
		unlock(p)
	:: else
	fi;
	if
	:: my_init_does == CALLS_US ->
		/* rt0_wait as far as the runner goes in it: who is held here waits for itself. */
		if
		:: DECIDED(state[p])
#ifndef MUTANT_NO_REENTRY
		:: state[p] == RT0_RUNNING && runner[p] == me
#endif
		fi
	:: my_init_does == MAKES_THREAD ->
		atomic {
			threads++;
#ifdef MUTANT_MARK_NOT_INHERITED
			run caller(p, HELPER, false, false)
#else
			run caller(p, HELPER, true, false)
#endif
		};
		(done & BIT(HELPER))
	:: else
	fi;
	if
	:: my_outcome == NOTIFIES || my_outcome == NOTIFIES_AND_FAILS || my_outcome == NOTIFIES_AND_DIES ->
		init_succeeded[p] = true;
		decide(p, RT0_OPEN)
	:: else
	fi;
	if
	:: me != LOADER && (my_outcome == DIES || my_outcome == NOTIFIES_AND_DIES) ->
		atomic {
			init_is_running[p] = false;
			gone = true
		};
		if
		:: decide(p, RT0_FAILED)
		:: true
		fi
	:: my_outcome == FAILS || my_outcome == NOTIFIES_AND_FAILS ->
		init_is_running[p] = false;
		decide(p, RT0_FAILED)
	:: else ->
		atomic {
			init_is_running[p] = false;
			init_succeeded[p] = true
		};
		decide(p, RT0_OPEN)
	fi;
#ifndef MUTANT_INNER_NEVER_ENDS
	if
	:: !gone -> runner[p] = NOBODY
	:: else
	fi;
#endif
	won = false
}

/* rt0_spawn, and rt0_fail_start: what could not be started fails, unless somebody runs init by now. */
inline spawn(p, me, thread, skips_load)
{
	if
	:: atomic {
		threads++;
		run init_thread(p, thread, skips_load)
	}
	:: may_fail ->
		spawn_failed = true;
#ifdef MUTANT_SPAWN_FAILURE_FORCED
		decide(p, RT0_FAILED)
#endif
#if !defined(MUTANT_SPAWN_FAILURE_FORCED) && !defined(MUTANT_SPAWN_FAILURE_SILENT)
		claim(p, me);
		if
		:: won ->
			decide(p, RT0_FAILED);
			runner[p] = NOBODY
		:: else
		fi
#endif
	fi;
	won = false
}

/* rt0_start. */
inline start(p, me)
{
#ifdef MUTANT_START_WITHOUT_CAS
	won = (state[p] == RT0_UNSTARTED);
	if
	:: won -> state[p] = RT0_STARTING
	:: else
	fi;
#else
	atomic {
		won = (state[p] == RT0_UNSTARTED);
		if
		:: won -> state[p] = RT0_STARTING
		:: else
		fi
	};
#endif
	if
	:: won ->
		if
		:: p == 0 -> spawn(p, me, INIT, my_mode == CONCURRENT)
		:: else -> spawn(p, me, CHILDINIT, my_mode == CONCURRENT)
		fi
	:: else
	fi
}

/* start_anew of gate.c. */
inline start_anew(p, me)
{
	atomic {
		won = is_orphan;
		is_orphan = false
	};
	if
	:: won -> spawn(p, me, CHILDINIT, second[p])
	:: else
	fi
}

/* What rt0_look_at_runner looks for: the runner ended, or it is a thread of the process this one was cloned from. */
#define RUNNER_IS_GONE(p)                                                                                              \
	(runner[p] != NOBODY && ((dead & BIT(runner[p])) != 0 || (p == 1 && runner[p] < CHILD)))

/*
 * rt0_futex_wait: sleep as long as the state is the one seen, until woken or until
 * the next moment at which rt0_wait has something to do: take_over_at, which is
 * some moment for every thread, and the look at the runner.
 */
inline wait(p, me)
{
#ifdef MUTANT_FUTEX_WITHOUT_COMPARE
	asleep[p] = asleep[p] | BIT(me);
#else
	atomic {
		if
		:: state[p] == seen -> asleep[p] = asleep[p] | BIT(me)
		:: else
		fi
	};
#endif
	atomic {
		if
		:: (asleep[p] & BIT(me)) == 0
#ifndef MUTANT_NO_TAKE_OVER
		:: seen == RT0_STARTING && (may_take_over || !second[p]) -> due = true
#endif
#ifndef MUTANT_NO_LOOK_AT_RUNNER
		:: state[p] == RT0_RUNNING && RUNNER_IS_GONE(p)
#endif
		fi;
		asleep[p] = asleep[p] & ~BIT(me);
		seen = 0
	}
}

/* The same in rt0_init_thread, which never takes over. */
inline wait_only(p, me)
{
	atomic {
		if
		:: state[p] == seen -> asleep[p] = asleep[p] | BIT(me)
		:: else
		fi
	};
	atomic {
		if
		:: (asleep[p] & BIT(me)) == 0
#ifndef MUTANT_INIT_THREAD_LOOKS_NOT
		:: state[p] == RT0_RUNNING && RUNNER_IS_GONE(p)
#endif
		fi;
		asleep[p] = asleep[p] & ~BIT(me);
		seen = 0
	}
}

/* take_over of gate.c. A claim that is lost to another one is tried again when that one is through. */
inline take_over(p, me)
{
	due = false;
	if
	:: may_take_over ->
		claim(p, me);
		if
		:: won -> run_init(p, me)
		:: else -> state[p] != RT0_STARTING || runner[p] == NOBODY
		fi
	:: else ->
		atomic {
			won = !second[p];
			second[p] = true
		};
		if
		:: won && p == 0 -> spawn(p, me, SECOND, true)
		:: won && p == 1 -> spawn(p, me, CHILDSECOND, true)
		:: else
		fi
	fi
}

/* rt0_wait and rt0_gate_wait; the open path of the gate is the first rule. at_fork: rt0_fork_prepare. */
inline gate(p, me, is_marked, at_fork)
{
	how = HELD;
	do
	:: how != HELD || gone -> break
	:: else ->
		seen = state[p];
		if
		:: seen == RT0_OPEN -> how = BY_OPEN
#ifdef MUTANT_INNER_NEVER_ENDS
		:: seen == RT0_FAILED && runner[p] == me -> how = BY_INNER
		:: seen == RT0_FAILED && runner[p] != me -> how = BY_FAIL
#else
		:: seen == RT0_FAILED -> how = BY_FAIL
#endif
		:: seen == RT0_UNSTARTED && at_fork -> how = BY_FORK
#ifndef MUTANT_UNSTARTED_WAITS
		:: seen == RT0_UNSTARTED && !at_fork -> start(p, me)
#endif
#ifndef MUTANT_ORPHAN_WAITS
		:: seen == RT0_STARTING && p == 1 && is_orphan -> start_anew(p, me)
#endif
		:: seen == RT0_STARTING && !(p == 1 && is_orphan) && due -> take_over(p, me)
#ifdef MUTANT_RUNNING_PASSES
		:: seen == RT0_RUNNING -> how = BY_OPEN
#endif
		:: seen == RT0_RUNNING && is_marked -> how = BY_INNER
		:: seen == RT0_RUNNING && !is_marked ->
			if
			:: runner[p] == me -> how = BY_INNER
			:: runner[p] != me && RUNNER_IS_GONE(p) ->
				decide(p, RT0_FAILED);
				/* Lost to one who decides at this moment. */
				state[p] != RT0_RUNNING
			:: else -> wait(p, me)
			fi
		:: else -> wait(p, me)
		fi
	od;
	atomic {
		/* From outside only OPEN or a failure lets a call pass, from inside only init itself. */
		assert(gone || how != BY_OPEN || state[p] == RT0_OPEN);
		assert(gone || how != BY_FAIL || state[p] == RT0_FAILED);
		assert(gone || how != BY_INNER || init_is_running[p]);
		seen = 0;
		won = false;
		due = false
	}
}

inline ends(me)
{
	atomic {
		if
		:: gone -> dead = dead | BIT(me)
		:: else
		fi;
		done = done | BIT(me);
		threads--
	}
}

/* rt0_init_thread. */
proctype init_thread(byte p; byte me; bool skips_load)
{
	LOCALS;
	bool is_mine;

#ifndef MUTANT_INIT_IGNORES_LOCK
	if
	:: !skips_load ->
		/* wait_for_load. The wait for the twin is bounded, so it may be over at any moment. */
		lock(p, me);
		unlock(p)
	:: else
	fi;
#endif
	claim(p, me);
#ifdef MUTANT_INIT_THREAD_IGNORES_CLAIM
	won = true;
#endif
	is_mine = won;
	if
	:: is_mine -> run_init(p, me)
	:: else
	fi;
#ifndef MUTANT_MAIN_EARLY
	do
	:: gone || DECIDED(state[p]) -> break
	:: else ->
		seen = state[p];
		if
		:: DECIDED(seen)
#ifndef MUTANT_INIT_THREAD_LOOKS_NOT
		:: seen == RT0_RUNNING && RUNNER_IS_GONE(p) ->
			decide(p, RT0_FAILED);
			state[p] != RT0_RUNNING
#endif
		:: else -> wait_only(p, me)
		fi
	od;
#endif
	if
	:: !gone && state[p] != RT0_FAILED && (is_mine || may_take_over) ->
		assert(state[p] == RT0_OPEN);
		mains[p]++
	:: else
	fi;
	ends(me)
}

/*
 * A thread that makes one call, or forks. With the handlers of pthread_atfork a
 * fork that meets init waits for it, so the child needs no rule of its own. The
 * handlers are registered before every claim, under libc's lock that a fork holds:
 * a fork that comes before that has a child as one of a raw clone in UNSTARTED or in
 * STARTING without a runner, which is a scenario of its own.
 */
proctype caller(byte p; byte me; bool is_marked; bool at_fork)
{
	LOCALS;

	gate(p, me, is_marked, at_fork);
	assert(!at_fork || gone || how == BY_FORK || DECIDED(state[p]));
	ends(me)
}

/*
 * dlopen: another library's constructor may call us before DT_INIT; then rt0_lib;
 * then a constructor that needs us may call us or join a thread that does. Then an
 * ordinary call.
 */
proctype loader()
{
	LOCALS;
	byte step;
	bool calls;

	lock(0, LOADER);
	do
	:: step == 4 -> break
	:: else ->
		calls = false;
		if
		:: step == 0 -> calls = (my_constructor == BEFORE_US)
		:: step == 1 ->
			if
			:: my_mode != FIRST_CALL -> start(0, LOADER)
			:: else
			fi;
			calls = (my_constructor == AFTER_US)
		:: step == 2 ->
			if
			:: my_constructor == JOINS ->
				atomic {
					threads++;
					run caller(0, JOINED, false, false)
				};
				(done & BIT(JOINED))
			:: else
			fi
		:: step == 3 ->
			unlock(0);
			calls = true
		fi;
		if
		:: calls -> gate(0, LOADER, false, false)
		:: else
		fi;
		step++
	od;
	ends(LOADER)
}

/* rt0_ready_fd, and a poll on what it returns. */
proctype poller()
{
#ifdef MUTANT_FD_STATE_SEEN_FIRST
	bool is_decided = (DECIDED(state[0]));
	fd_made = true;
	if
	:: is_decided -> fd_readable = true
	:: else
	fi;
#else
	fd_made = true;
	if
	:: DECIDED(state[0]) -> fd_readable = true
	:: else
	fi;
#endif
	fd_readable;
	assert(DECIDED(state[0]));
	atomic {
		threads--
	}
}

/*
 * Init needs the loader's lock while its holder waits for init: the holder calls us
 * from a constructor or joins a thread that does, and init runs on another thread,
 * because a joined or foreign one took it over, because it was told not to wait for
 * the load, or because take-over is forbidden. No rule of ours can help.
 */
#define IS_HOPELESS                                                                                                    \
	(init_takes_lock && constructor != NEITHER &&                                                                  \
	 (constructor == JOINS || is_foreign || mode == CONCURRENT || !takes_over))

inline select_scenario()
{
	if
	:: mode = AFTER_LOAD
	:: mode = CONCURRENT
	:: mode = FIRST_CALL
	fi;
	if
	:: takes_over = true
	:: takes_over = false
	fi;
	if
	:: init_takes_lock = true
	:: init_takes_lock = false
	fi;
	if
	:: constructor = NEITHER
	:: constructor = BEFORE_US
	:: constructor = AFTER_US
	:: constructor = JOINS
	fi;
	if
	:: outcome = SUCCEEDS
	:: outcome = FAILS
	:: outcome = DIES
	:: outcome = NOTIFIES
	:: outcome = NOTIFIES_AND_FAILS
	:: outcome = NOTIFIES_AND_DIES
	fi;
	if
	:: is_foreign = false
	:: takes_over && outcome == SUCCEEDS && constructor != JOINS -> is_foreign = true
	:: takes_over && constructor == NEITHER && outcome != SUCCEEDS -> is_foreign = true
	fi;
	/* At most one of these, and not with everything: the state space is their product. */
	if
	:: true
	:: !is_foreign && (outcome == SUCCEEDS || outcome == FAILS) -> init_does = CALLS_US
	:: !is_foreign && (outcome == SUCCEEDS || outcome == FAILS) && constructor != JOINS ->
		init_does = MAKES_THREAD
	:: outcome == SUCCEEDS && (!is_foreign || constructor == NEITHER && takes_over) -> spawn_may_fail = true
	:: constructor == NEITHER && !is_foreign -> is_polled = true
	:: is_foreign && outcome == SUCCEEDS && constructor == NEITHER -> foreign_forks = true
	:: constructor == NEITHER && !is_foreign -> is_raw_clone = true
	fi;
	if
#ifdef LIMIT_LOADER_LOCK
	:: !IS_HOPELESS ->
		constructor = JOINS;
		init_takes_lock = true
#else
	:: IS_HOPELESS -> init_takes_lock = false
#endif
	:: else
	fi;
#ifdef FEW_SCENARIOS
	if
	:: is_foreign && constructor != NEITHER -> is_foreign = false
	:: else
	fi;
	mode = AFTER_LOAD;
#endif
	skip
}

/*
 * The child of a raw clone, which runs no handlers: rt's memory as at some moment
 * of the parent's, and of its threads only the caller. Two moments are left to
 * LIMIT_CLONE, each as short as a few instructions: a claim that is half made and a
 * decision that is half made.
 */
inline select_child()
{
	if
	:: mode == FIRST_CALL -> state[1] = RT0_UNSTARTED
	:: state[1] = RT0_STARTING;
		is_orphan = true
	:: state[1] = RT0_STARTING;
		is_orphan = true;
		second[1] = true
	:: state[1] = RT0_RUNNING;
		runner[1] = INIT
#ifdef LIMIT_CLONE
	:: state[1] = RT0_STARTING;
		is_orphan = true;
		runner[1] = INIT
	:: state[1] = RT0_RUNNING;
		runner[1] = INIT;
		deciding[1] = true
#endif
	fi;
	run caller(1, CHILD, false, false)
}

init
{
	atomic {
		select_scenario();
		threads = 1;
		if
		:: is_raw_clone -> select_child()
		:: else -> run loader()
		fi;
		if
		:: is_foreign ->
			threads++;
			run caller(0, FOREIGN, false, foreign_forks)
		:: else
		fi;
		if
		:: is_polled ->
			threads++;
			run poller()
		:: else
		fi
	};
	threads == 0;
	/* Everyone came home. */
	if
	:: is_raw_clone ->
		assert(DECIDED(state[1]) || dead != 0);
		assert(mains[1] <= 1);
		assert(mains[1] == 1 || state[1] != RT0_OPEN || spawn_failed || dead != 0)
	:: else ->
		assert(DECIDED(state[0]));
		assert(init_succeeded[0] == (state[0] == RT0_OPEN));
		assert(init_succeeded[0] || spawn_failed || outcome == FAILS || outcome == DIES);
		/* main runs once, after OPEN, unless its thread is no more or never was. */
		assert(mains[0] <= 1);
		assert(mains[0] == 1 || state[0] == RT0_FAILED || spawn_failed || dead != 0)
	fi
}
