# Every way to hang that a rule prevents. A hang here is a test that `timeout` ends.
load rt

setup_file() {
  setup_plug
  cd "$BATS_FILE_TMPDIR" || return 1
  cc -shared -fPIC "$SOURCES/constructor.c" -o libconstructor.so -Wl,-rpath,. ./libplug.so
  cc -shared -fPIC "$SOURCES/early.c" -o libearly.so
  "$ldwrap" cc -shared -fPIC -I"$INCLUDE" "$SOURCES/plug.c" -o liblate.so -Wl,--no-as-needed ./libearly.so
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
}

bounded() {
  # What runs init in somebody's call has all signals blocked.
  run -0 timeout -s KILL 60 "$@"
}

@test "a constructor under the loader's lock calls in while init needs that lock: the loader thread takes over" {
  for _ in $(rounds 50); do
    PLUG="dlopen" bounded ./host taken-over ./libconstructor.so
    [ "$output" = loader ]
  done
}

@test "a constructor under the loader's lock joins a thread that calls in: that thread takes over" {
  for _ in $(rounds 10); do
    CONSTRUCTOR_JOINS=1 bounded ./host taken-over ./libconstructor.so
    [ "$output" = other ]
  done
}

@test "with --rt0-take-over=no a constructor's call is answered by a thread that does not wait for the load" {
  plug libplug-own.so --rt0-take-over=no -Wl,-soname,libplug-own.so
  cc -shared -fPIC "$SOURCES/constructor.c" -o libconstructor-own.so -Wl,-rpath,. ./libplug-own.so
  LD_LIBRARY_PATH=. bounded ./host taken-over ./libconstructor-own.so
  [ "$output" = other ]
  LD_LIBRARY_PATH=. CONSTRUCTOR_JOINS=1 bounded ./host taken-over ./libconstructor-own.so
  [ "$output" = other ]
}

@test "with --rt0-start=concurrent a constructor's call waits for an init that runs meanwhile" {
  plug libplug-now.so --rt0-start=concurrent -Wl,-soname,libplug-now.so
  cc -shared -fPIC "$SOURCES/constructor.c" -o libconstructor-now.so -Wl,-rpath,. ./libplug-now.so
  LD_LIBRARY_PATH=. bounded ./host just-open ./libconstructor-now.so
}

@test "with --rt0-start=first-call nothing starts at load and the first call starts init on a thread of its own" {
  plug libplug-first.so --rt0-start=first-call
  for _ in $(rounds 50); do
    bounded ./host first-call ./libplug-first.so
  done
}

@test "the constructor of a library that is initialised before this one calls in" {
  for _ in $(rounds 50); do
    bounded ./host just-open ./liblate.so
    PLUG="dlopen" bounded ./host just-open ./liblate.so
  done
}

@test "the same at program start, where the loader's lock is free" {
  echo 'void *constructor_result(void); int main(void) { return constructor_result() != (void *)42; }' >main.c
  cc main.c -o main -Wl,--no-as-needed -Wl,-rpath,. ./liblate.so ./libearly.so
  for _ in $(rounds 50); do
    bounded ./main
    PLUG="dlopen" bounded ./main
  done
}

@test "init calls its own exports by name" {
  PLUG="name" bounded ./host reentry ./libplug.so
}

@test "a thread that init made and joins calls its exports by name" {
  PLUG="thread" bounded ./host reentry ./libplug.so
}

@test "a host's callback that init runs calls in" {
  PLUG="callback" bounded ./host callback ./libplug.so
}

@test "a host's callback that runs on a thread which init made and joins calls in" {
  PLUG="callback-thread" bounded ./host callback ./libplug.so
}

@test "the library's own constructor calls through its own table and is not held up" {
  PLUG_OWN_CALL=1 bounded ./host own-call ./libplug.so
}

@test "the timed wait on the thread of init says EDEADLK" {
  PLUG="timed" bounded ./host timed-in-init ./libplug.so
}

@test "fork while init runs waits for it, and the child can call" {
  for _ in $(rounds 50); do
    PLUG="held" bounded ./host forks ./libplug.so
  done
}

@test "in a child of a fork that came before init began the first call starts anew, main too, as it does in the parent" {
  cat >late.c <<'END'
#include <time.h>
#include <rt0.h>
#include <pthread.h>
/* The first init thread waits for the host's word. */
static void *(*body)(void *);
static void *body_arg;
static int keep(void *(*start)(void *), void *arg)
{
	pthread_t thread;
	if (body != 0)
		return pthread_create(&thread, 0, start, arg);
	body = start;
	body_arg = arg;
	return 0;
}
int (*rt0_sys_thread_create)(void *(*)(void *), void *) = keep;
static int inits;
int rt0_runtime_init(int argc, char **argv, char **envp)
{
	return argc < 0 || argv == 0 || envp == 0 || ++inits != 1;
}
static int mains;
void rt0_runtime_main(void)
{
	__atomic_store_n(&mains, 1, __ATOMIC_RELEASE);
}
RT0_NO_GATE int late_mains(void)
{
	return __atomic_load_n(&mains, __ATOMIC_ACQUIRE);
}
/* Looks, and starts what nobody has started, but never waits. */
RT0_NO_GATE int late_is_ready(void)
{
	static const struct timespec none;
	return rt0_wait_runtime_init_done_timed(&none) == 0;
}
RT0_NO_GATE int late_start(void)
{
	pthread_t thread;
	return pthread_create(&thread, 0, body, body_arg);
}
int late_inits(void)
{
	return inits;
}
END
  cat >late_host.c <<'END'
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>
int late_start(void), late_inits(void), late_mains(void), late_is_ready(void);
int main(int argc, char **argv)
{
	int status = -1;
	pid_t child = fork();
	(void)argv;
	if (child == 0) {
		while (argc > 1 && !late_is_ready())
			sched_yield();
		if (late_inits() != 1)
			_exit(1);
		while (!late_mains())
			sched_yield();
		_exit(42);
	}
	if (waitpid(child, &status, 0) != child || status != 42 << 8)
		return 1;
	return late_start() == 0 && late_inits() == 1 ? 42 : 2;
}
END
  for option in '' --rt0-take-over=no; do
    # shellcheck disable=SC2086 # an option, or none
    "$ldwrap" cc -shared -fPIC -I"$INCLUDE" late.c -o liblate.so $option
    cc late_host.c -o late_host -Wl,-rpath,. ./liblate.so
    run -42 timeout 60 ./late_host
    run -42 timeout 60 ./late_host polls
  done
}

@test "init itself may fork, and its child goes on as the init thread" {
  PLUG="fork" bounded ./host fork-in-init ./libplug.so
}

@test "a child made by a raw fork while init runs fails at its call instead of waiting for ever" {
  PLUG="held" bounded ./host raw-fork ./libplug.so
  [[ $output == *'the thread that ran rt0_runtime_init is gone: No such process'* ]]
}

@test "an init thread that ends in init, with or without libc's knowledge, fails the waiting call" {
  for word in exit vanish; do
    PLUG=$word run -134 timeout --foreground 60 ./host dies ./libplug.so
    [[ $output == *'rt0: libplug.so: the thread that ran rt0_runtime_init '*': No such process'* ]]
  done
}

@test "an init thread that ends in init makes the ready descriptor readable" {
  PLUG="exit" bounded ./host dies-polled ./libplug.so
}

# bats test_tags=native
@test "a call that waits 5 s is reported in one line with library, threads, function and what init does" {
  mkfifo go
  PLUG=held timeout 100 ./host waits-for-ever ./libplug.so <go 2>report &
  exec 9>go
  until grep -q . report; do
    read -r -t 0.1 <> <(:) || true
  done
  echo x >&9
  exec 9>&-
  wait $!
  [ "$(wc -l <report)" -eq 1 ]
  grep -qE '^rt0: libplug\.so: thread [0-9]+ \(host\) has waited 5 s in plug_answer for rt0_runtime_init; init thread [0-9]+ \(rt0:libplug\.so\) sleeps in futex' report
}
