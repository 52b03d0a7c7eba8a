load rt

setup_file() {
  setup_plug
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
}

@test "a call that comes before init has ended waits for it, and exports marked RT0_NO_GATE do not" {
  PLUG="held" run -0 ./host held ./libplug.so
}

@test "an author with a 64-bit time_t waits as long as one without" {
  plug libtime64.so -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64
  PLUG="held" run -0 ./host held ./libtime64.so
  cc -c -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64 -I"$INCLUDE" "$SOURCES/exe.c" -o exe64.o
  cc exe64.o "$OBJECTS/librt0.a" -o exe64
  ./exe64
  # Where that is not the same.
  if [ "$(echo __SIZEOF_LONG__ | cc -E -P -)" -eq 4 ]; then
    nm exe64.o | grep -q 'U rt0_wait_runtime_init_done_timed64$'
  fi
}

@test "clock, sleep and futex work, and do on a kernel that has only the calls with 64-bit times" {
  for calls in '' -DONLY_TIME64; do
    cc -O1 -Wall -Wextra -Werror -Wno-unused-function -I"$INCLUDE" -I"$INCLUDE/arch/$machine" $calls "$SOURCES/times.c" \
      "$INCLUDE/arch/$machine/entry.S" -o times
    ./times
  done
}

@test "the first call right after dlopen finds the runtime ready, once, after the library's own constructors" {
  for _ in $(rounds 50); do
    run -0 ./host plain ./libplug.so
  done
}

@test "2,000 waiting threads all pass when init ends" {
  PLUG="held" run -0 ./host many ./libplug.so
}

@test "rt0_notify_runtime_init_done opens the gates of an init that has not returned, and its later error changes nothing" {
  PLUG="early" run -0 ./host early ./libplug.so
}

@test "rt0_runtime_main may stay for ever without holding up calls or exit" {
  PLUG_MAIN_STAYS=1 run -0 ./host plain ./libplug.so
}

@test "exit while init runs and a call waits neither hangs nor crashes" {
  for _ in $(rounds 50); do
    PLUG="held" run -0 ./host exits ./libplug.so
  done
}

@test "a library opened and closed 100 times stays and initialises once" {
  run -0 ./host reopen ./libplug.so
}

@test "100 libraries with runtimes live in one process, in the global scope, without meeting" {
  mkdir hundred
  for n in {0..99}; do
    cp libplug.so "hundred/$n.so"
  done
  run -0 ./host hundred ./hundred
}

@test "dlmopen gives a second namespace a runtime of its own" {
  run -0 timeout 60 ./host namespaces ./libplug.so
}

@test "the library works with LD_BIND_NOW, as LD_PRELOAD, and both" {
  LD_BIND_NOW=1 run -0 ./host plain ./libplug.so
  LD_PRELOAD=./libplug.so run -0 ./host plain ./libplug.so
  LD_BIND_NOW=1 LD_PRELOAD=./libplug.so run -0 ./host plain ./libplug.so
}

@test "the library loads when the static TLS that glibc keeps for dlopen is used up" {
  echo '__thread char eaten[200] __attribute__((tls_model("initial-exec"))); char *eat(void) { return eaten; }' >tls.c
  cat >eater.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
int main(void)
{
	int loaded = 0;
	char path[32];
	for (; loaded < 100; loaded++) {
		snprintf(path, sizeof(path), "./tls%d.so", loaded);
		if (dlopen(path, RTLD_NOW) == 0)
			break;
	}
	void *library = dlopen("./libplug.so", RTLD_NOW);
	printf("%d\n", library != 0 ? ((int (*)(int))dlsym(library, "plug_answer"))(41) : -1);
	return loaded == 100;
}
END
  cc -shared -fPIC tls.c -o tls.so
  for n in {0..99}; do
    cp tls.so "tls$n.so"
  done
  cc eater.c -o eater
  run -0 ./eater
  [ "$output" = 42 ]
}

@test "a host linked against the library finds it ready in main" {
  cat >linked.c <<'END'
#include <stdio.h>
int plug_answer(int);
int main(void)
{
	printf("%d\n", plug_answer(41));
	return 0;
}
END
  cc linked.c -o linked ./libplug.so
  for _ in $(rounds 50); do
    run -0 ./linked
    [ "$output" = 42 ]
  done
}

@test "init gets argc, argv and envp under glibc" {
  RT0_TEST='a b' run -0 ./host arguments ./libplug.so one '' 'two words'
}

@test "arguments are right when the library entry's registers lie" {
  # An interposer cannot reach the loader's call of DT_INIT, so the argument area lies instead:
  # the loader passes an argv whose strings are no longer what /proc/self/cmdline says.
  cat >liar.c <<'END'
#include <dlfcn.h>
#include <stdio.h>
#include <sys/prctl.h>
int main(int argc, char **argv)
{
	static char *others[] = {"x", "y", 0};
	void *library;
	int (*answer)(int);
	for (int i = 0; i <= argc; i++)
		argv[i] = i < 2 ? others[i] : 0;
	library = dlopen("./libplug.so", RTLD_NOW);
	answer = (int (*)(int))dlsym(library, "plug_answer");
	struct view { int head[4]; int argc; char **argv; } *view;
	if (answer(41) != 42)
		return 1;
	view = ((struct view * (*)(void)) dlsym(library, "plug_look"))();
	for (int i = 0; i < view->argc; i++)
		printf("%s ", view->argv[i]);
	return view->argv[view->argc] != 0;
}
END
  cc liar.c -o liar
  run -0 ./liar one two
  [ "$output" = './liar one two ' ]
}

@test "the init thread has all signals blocked, its name, and the stack that was asked for" {
  plug libstack.so --rt0-stack-size=3145728
  run -0 ./host thread-of-init ./libstack.so
  # Every signal that can be but the two of glibc (32, 33); qemu-user has two less.
  local blocked=fffffffe7fffffff
  [ -z "${PORT-}" ] || blocked=3ffffffe7fffffff
  [[ $output == "blocked $blocked stack 3145728 name rt0:libstack.so" ]]
}

@test "aliases share a gate, and a table of functions holds the gates" {
  run -0 ./host aliases ./libplug.so
}

@test "an export that the library does not bind to itself is the gate inside it too, bound lazily or at load" {
  cat >dynamic.c <<'END'
#include <rt0.h>
static int is_ready;
int answer(int a)
{
	return is_ready ? a + 1 : -1;
}
int (*const table[])(int) = {answer};
int call_inside(int a)
{
	return answer(a);
}
void *address_inside(void)
{
	return (void *)answer;
}
int start(int argc, char **argv, char **envp)
{
	is_ready = 1;
	return answer(41) != 42 || argc < 1 || argv == 0 || envp == 0;
}
END
  cat >dynamic_host.c <<'END'
#include <dlfcn.h>
int main(int argc, char **argv)
{
	void *library = dlopen(argv[argc - 1], RTLD_LAZY);
	if (library == 0)
		return 9;
	void *answer = dlsym(library, "answer");
	if (((int (*)(int))dlsym(library, "call_inside"))(41) != 42)
		return 1;
	if (((void *(*)(void))dlsym(library, "address_inside"))() != answer)
		return 2;
	return *(void **)dlsym(library, "table") == answer ? 0 : 3;
}
END
  echo '{ answer; start; };' >dynamic.list
  cc dynamic_host.c -o dynamic_host
  "$ldwrap" cc -shared -fPIC -O1 -I"$INCLUDE" dynamic.c --rt0-init=start -Wl,--dynamic-list=dynamic.list -o libdynamic.so
  run -0 ./dynamic_host ./libdynamic.so
  LD_BIND_NOW=1 run -0 ./dynamic_host ./libdynamic.so
}

@test "a user's -init and crti's _init still run" {
  cat >chain.c <<'END'
#include <rt0.h>
int chained;
void user_init(void)
{
	chained++;
}
int rt0_runtime_init(int argc, char **argv, char **envp)
{
	return argc < 0 || argv == 0 || envp == 0;
}
int chain_count(void)
{
	return chained;
}
END
  cat >chain_host.c <<'END'
#include <dlfcn.h>
int main(int argc, char **argv)
{
	void *library = dlopen(argv[argc - 1], RTLD_NOW);
	return library != 0 ? ((int (*)(void))dlsym(library, "chain_count"))() : 99;
}
END
  cc chain_host.c -o chain_host
  "$ldwrap" cc -shared -fPIC -I"$INCLUDE" chain.c -Wl,-init=user_init -o libchain.so
  run -1 ./chain_host ./libchain.so
  "$ldwrap" cc -shared -fPIC -I"$INCLUDE" chain.c -Wl,-init,user_init -o libchain.so
  run -1 ./chain_host ./libchain.so
  "$ldwrap" cc -shared -fPIC -I"$INCLUDE" chain.c -o libchain.so
  run -0 ./chain_host ./libchain.so
  # crti's _init: gdb would need a breakpoint in it before the library is there, so read the pointer in rt0_config.
  # Some machines' crti has none.
  if nm "$(cc -print-file-name=crti.o)" | grep -q ' _init$'; then
    readelf -sW libchain.so | grep -qE ' _init$'
  fi
  run -0 "$elfpatch" verify libchain.so
}

@test "a library that is linked with librt0.a too has rt's own" {
  local linker
  for linker in $(linkers_of_machine); do
    plug libboth.so -fuse-ld="$linker" "$OBJECTS/librt0.a"
    PLUG="held" run -0 timeout -s KILL 60 ./host many ./libboth.so
  done
}

@test "an executable with the runtime's object has islibrary 0 and gates that never wait" {
  cc -I"$INCLUDE" "$SOURCES/exe.c" "$OBJECTS/librt0.a" -o exe
  run -0 ./exe
  [ "$output" = 'islibrary 0 state 3 error 0 init 0 wait 0 poll 1' ]
}
