load rt

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  local more=()
  [ ! -e "$SOURCES/shapes_$machine.S" ] || more=("$SOURCES/shapes_$machine.S")
  "$ldwrap" cc -shared -fPIC -O1 -g -Wall -Wextra -Werror -I"$INCLUDE" "$SOURCES/shapes.c" "${more[@]}" -o libshapes.so
  cc -O1 -g -Wall -Wextra -Werror "$SOURCES/shapes_host.c" -o host -Wl,-rpath,. ./libshapes.so
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
}

@test "every calling shape keeps its arguments through a closed gate" {
  for _ in $(rounds 20); do
    SHAPES_HELD=1 run -0 ./host
    [[ $output == *' shapes' ]]
  done
}

@test "floating-point arguments survive a take-over in the middle of the call" {
  "$ldwrap" cc -shared -fPIC -O1 -I"$INCLUDE" "$SOURCES/doubles.c" -o libdoubles.so
  cc -shared -fPIC -O1 "$SOURCES/doubles_caller.c" -o libcaller.so -Wl,-rpath,. ./libdoubles.so
  cc -O1 "$SOURCES/host.c" -o opener
  for _ in $(rounds 20); do
    run -0 timeout -s KILL 60 ./opener just-open ./libcaller.so
  done
}

@test "floating-point arguments survive a thread that is made in the middle of the call" {
  # By the first call, and by a constructor's where no thread takes init over.
  for option in --rt0-start=first-call --rt0-take-over=no; do
    "$ldwrap" cc -shared -fPIC -O1 -I"$INCLUDE" "$SOURCES/doubles.c" -o libmade.so -Wl,-soname,libmade.so $option
    cc -shared -fPIC -O1 "$SOURCES/doubles_caller.c" -o libmade-caller.so -Wl,-rpath,. ./libmade.so
    cc -O1 "$SOURCES/host.c" -o made-opener
    for _ in $(rounds 20); do
      LD_LIBRARY_PATH=. run -0 timeout -s KILL 60 ./made-opener just-open ./libmade-caller.so
    done
  done
}

# bats test_tags=native
@test "vector arguments survive a take-over in the middle of the call" {
  cat >vectors.c <<'END'
#include <rt0.h>
#include <string.h>
int ready;
int rt0_runtime_init(int argc, char **argv, char **envp)
{
	volatile double junk[64];
	for (int i = 0; i < 64; i++)
		junk[i] = i * 1.25;
	__asm__ volatile("vxorpd %%ymm0, %%ymm0, %%ymm0\n\tvxorpd %%ymm1, %%ymm1, %%ymm1\n\tvxorpd %%ymm7, %%ymm7, %%ymm7" ::: "xmm0", "xmm1", "xmm7");
	ready = junk[63] > 0 && argc >= 0 && argv != 0 && envp != 0;
	return 0;
}
END
  cat >sum.S <<'END'
	.globl	vector_sum
	.type	vector_sum, @function
vector_sum:
	vaddpd	%ymm1, %ymm0, %ymm0
	vaddpd	%ymm7, %ymm0, %ymm0
	ret
	.size	vector_sum, . - vector_sum
	.section .note.GNU-stack, "", @progbits
END
  cat >caller.c <<'END'
typedef double wide __attribute__((vector_size(32)));
wide vector_sum(wide, wide, wide, wide, wide, wide, wide, wide);
static int right;
static void __attribute__((constructor)) call(void)
{
	wide zero = {0, 0, 0, 0};
	wide sum = vector_sum((wide){1, 2, 3, 4}, (wide){10, 20, 30, 40}, zero, zero, zero, zero, zero,
			      (wide){100, 200, 300, 400});
	right = sum[0] == 111 && sum[1] == 222 && sum[2] == 333 && sum[3] == 444;
}
void *constructor_result(void)
{
	return (void *)(long)(right ? 42 : 1);
}
END
  "$ldwrap" cc -shared -fPIC -O1 -I"$INCLUDE" vectors.c sum.S -o libvectors.so
  cc -shared -fPIC -mavx -O1 caller.c -o libcaller.so -Wl,-rpath,. ./libvectors.so
  cc -O1 "$SOURCES/host.c" -o opener
  for _ in $(rounds 20); do
    run -0 ./opener just-open ./libcaller.so
  done
}

@test "an exception thrown behind a gate that was closed reaches its handler" {
  "$ldwrap" c++ -shared -fPIC -O1 -I"$INCLUDE" "$SOURCES/throw.cc" -o libthrow.so
  c++ "$SOURCES/throw_host.cc" -o throw_host -Wl,-rpath,. ./libthrow.so
  for _ in $(rounds 20); do
    run -0 ./throw_host
    [ "${lines[0]}" = 'value 7' ]
    [ "${lines[1]}" = 'area 42' ]
  done
}

# bats test_tags=native
@test "gdb shows the caller behind a thread that waits in a closed gate" {
  cc -g "$SOURCES/host.c" -o gdb-host
  "$ldwrap" cc -shared -fPIC -g -I"$INCLUDE" "$SOURCES/plug.c" -o libgdb.so
  mkfifo never
  PLUG=held ./gdb-host waits-for-ever ./libgdb.so <never &
  host=$!
  exec 9>never
  # Until its third thread waits in the gate.
  until [ "$(grep -lsE '^202 ' /proc/$host/task/*/syscall | wc -l)" -ge 2 ]; do :; done
  run -0 gdb -batch -p $host -ex 'thread apply all backtrace'
  echo x >&9
  exec 9>&-
  wait $host
  [[ $output == *rt0_gate_closed* ]]
  [[ $output == *call_answer* ]]
  [[ $output == *thread_body* ]]
}

# bats test_tags=native
@test "libunwind walks from the slow path through the gate to the caller" {
  cat >walk.c <<'END'
#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include <signal.h>
#include <unistd.h>
#include "host.h"
static volatile int frames_of_caller, frames_of_gate;
static int (*answer)(int);
static void walk(int signal)
{
	unw_context_t context;
	unw_cursor_t cursor;
	char name[128];
	unw_word_t offset;
	(void)signal;
	unw_getcontext(&context);
	unw_init_local(&cursor, &context);
	do {
		if (unw_get_proc_name(&cursor, name, sizeof(name), &offset) == 0) {
			frames_of_gate += strcmp(name, "rt0_gate_closed") == 0;
			frames_of_caller += strcmp(name, "the_caller") == 0;
		}
	} while (unw_step(&cursor) > 0);
}
int the_caller(void *unused)
{
	(void)unused;
	return answer(41) + 1;
}
int main(void)
{
	struct thread thread;
	signal(SIGUSR1, walk);
	void *library = load("./libgdb.so", RTLD_NOW);
	answer = (int (*)(int))symbol(library, "plug_answer");
	((void (*)(void))symbol(library, "plug_await_init"))();
	thread_start(&thread, the_caller, NULL);
	await_futex(thread.tid);
	pthread_kill(thread.thread, SIGUSR1);
	while (frames_of_caller == 0)
		sched_yield();
	((void (*)(void))symbol(library, "plug_release"))();
	expect_equal(thread_join(&thread), 43);
	expect_equal(frames_of_gate, 1);
	expect_equal(frames_of_caller, 1);
	return 0;
}
END
  "$ldwrap" cc -shared -fPIC -g -I"$INCLUDE" "$SOURCES/plug.c" -o libgdb.so
  cc -rdynamic -D_GNU_SOURCE -I"$SOURCES" walk.c -o walk -lunwind
  PLUG="held" run -0 timeout 60 ./walk
}

@test "the unwind rules hold at each instruction of a gate, closed and open, and of rt0_gate_closed" {
  # A CPU that does not sign return addresses: from this emulator gdb does not get to know how to read them.
  [ "$machine" != aarch64 ] || export QEMU_CPU=cortex-a72
  step_through_gate
  has "$output" 'instructions: closed [0-9]{2}'
  has "$output" 'instructions: open [0-9]'
}

@test "an export with a calling convention of its own gets no gate, is named by verify, and works" {
  # Other machines have no mark for one.
  [ -e "$SOURCES/variant_$machine.S" ] || return 0
  "$ldwrap" cc -shared -fPIC -O1 -I"$INCLUDE" "$SOURCES/plug.c" "$SOURCES/variant_$machine.S" -o libvariant.so
  run -0 "$elfpatch" verify libvariant.so
  [[ $output == *'info: gates: odd: its calling convention'* ]]
  echo 'int odd(void); int main(void) { return odd(); }' >variant_host.c
  cc variant_host.c -o variant_host -Wl,-rpath,. ./libvariant.so
  run -42 ./variant_host
}

@test "the slow path holds no vector or floating-point instruction" {
  no_vector_instructions "$OBJECTS/rt0.o" "$OBJECTS/hosted.o" "$OBJECTS/gate.o"
}

@test "rt needs nothing but what it imports weakly" {
  # _savegpr0_N and _restgpr0_N are made by the linker (ELFv2 ABI, 2.3.3); the __aeabi_ one is in rt0.o.
  run -0 nm -u "$OBJECTS/rt0.o"
  run -1 grep -vE '^ +(w |U (_DYNAMIC|_GLOBAL_OFFSET_TABLE_|\.TOC\.|_(save|rest)gpr0_[0-9]+|__ehdr_start|_end|rt0_config)$)' <<<"$output"
  run -0 nm -u "$OBJECTS/hosted.o"
  run -1 grep -vE '^ +(w |U (_GLOBAL_OFFSET_TABLE_|\.TOC\.|_(save|rest)gpr0_[0-9]+|rt0_fork_(prepare|parent|child)|__aeabi_unwind_cpp_pr0)$)' <<<"$output"
}
