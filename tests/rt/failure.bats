load rt

setup_file() {
  setup_plug
  cd "$BATS_FILE_TMPDIR" || return 1
  cc -shared -fPIC -O1 "$SOURCES/no_thread.c" -o no_thread.so
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
}

@test "an init that fails does not stop the host at load; its state and error can be asked for" {
  PLUG="fail" run -0 ./host failed ./libplug.so
  [ "$output" = 5 ]
}

@test "a call after a failed init prints the reason once and aborts" {
  PLUG="fail" run -134 --separate-stderr ./host call-now ./libplug.so
  [ "$(own_words "$stderr")" = 'rt0: libplug.so: rt0_runtime_init failed: Input/output error' ]
  PLUG="odd" run -134 --separate-stderr ./host call-now ./libplug.so
  [ "$(own_words "$stderr")" = 'rt0: libplug.so: rt0_runtime_init failed: error 4711' ]
}

@test "what rt0_notify_runtime_init_failed says is what the call reports, one line of it" {
  PLUG="told" run -134 --separate-stderr ./host call-now ./libplug.so
  [ "$(own_words "$stderr")" = 'rt0: libplug.so: the heap image is damaged: Input/output error' ]
}

@test "with --rt0-on-failure=continue the call passes" {
  plug libcontinue.so --rt0-on-failure=continue
  PLUG="fail" run -0 --separate-stderr ./host call-now ./libcontinue.so
  [ "$output" = -1 ]
  [ -z "$stderr" ]
}

@test "with --rt0-on-failure=call:SYM the author's handler gets error and reason, and the call's arguments survive it" {
  cat >handler.c <<'END'
#include <rt0.h>
#include <stdio.h>
__attribute__((visibility("hidden"))) void on_failure(int error, const char *why)
{
	volatile double a = error, b = a / 3;
	printf("%d %s %.2f\n", error, why, a + b);
}
int rt0_runtime_init(int argc, char **argv, char **envp)
{
	return argc < 0 || argv == 0 || envp == 0 ? 0 : 12;
}
double handled(double a, double b)
{
	return a * b;
}
END
  cat >handler_host.c <<'END'
#include <stdio.h>
double handled(double, double);
int main(void)
{
	printf("%g\n", handled(1.5, 4));
	return 0;
}
END
  "$ldwrap" cc -shared -fPIC -I"$INCLUDE" handler.c --rt0-on-failure=call:on_failure -o libhandler.so
  cc handler_host.c -o handler_host -Wl,-rpath,. ./libhandler.so
  run -0 ./handler_host
  [ "${lines[0]}" = '12 rt0_runtime_init failed 16.00' ]
  [ "${lines[1]}" = 6 ]
}

@test "pthread_create that fails with EAGAIN for a while is tried again" {
  NO_THREAD=19 LD_PRELOAD=./no_thread.so run -0 ./host plain ./libplug.so
}

@test "20 times are enough: the 21st would be too late" {
  NO_THREAD=20 LD_PRELOAD=./no_thread.so run -0 ./host failed ./libplug.so
  [ "$output" = 11 ]
}

@test "pthread_create that fails for ever: dlopen succeeds, the call says why" {
  NO_THREAD=1000000 LD_PRELOAD=./no_thread.so run -0 ./host failed ./libplug.so
  [ "$output" = 11 ]
  NO_THREAD=1000000 LD_PRELOAD=./no_thread.so run -134 --separate-stderr ./host call-now ./libplug.so
  [ "$(own_words "$stderr")" = 'rt0: libplug.so: pthread_create failed: Resource temporarily unavailable' ]
}

@test "an author's rt0_sys_thread_create makes the thread" {
  cat >own.c <<'END'
#include <rt0.h>
#include <pthread.h>
static int made;
static int create(void *(*start)(void *), void *arg)
{
	pthread_t thread;
	made++;
	return pthread_create(&thread, 0, start, arg);
}
int (*rt0_sys_thread_create)(void *(*)(void *), void *) = create;
int rt0_runtime_init(int argc, char **argv, char **envp)
{
	return argc < 0 || argv == 0 || envp == 0;
}
int own_made(void)
{
	return made;
}
END
  echo 'int own_made(void); int main(void) { return own_made(); }' >own_host.c
  "$ldwrap" cc -shared -fPIC -I"$INCLUDE" own.c -o libown.so
  cc own_host.c -o own_host -Wl,-rpath,. ./libown.so
  run -1 ./own_host
}
