/*
 * A process of i386 without libc: %gs selects nothing. It makes THREADS
 * threads by rt0_clone0, one after the other.
 */
#include "arch.h"

#define SYS_SCHED_YIELD 158
#define CLONE_FLAGS     0xd0f00 /* VM FS FILES SIGHAND THREAD SYSVSEM SETTLS */

long rt0_clone0(unsigned long flags, void *stack_top, int (*fn)(void *), void *arg, void *tls);

/* entry.S wants it. */
uintptr_t rt0_gate_wait(uintptr_t gate, uintptr_t caller);
uintptr_t rt0_gate_wait(uintptr_t gate, uintptr_t caller)
{
	return gate + caller;
}

static char stacks[THREADS][0x4000] __attribute__((aligned(64)));
static uintptr_t blocks[THREADS][16];
static volatile int right, ended;

static unsigned selector(void)
{
	unsigned gs;
	__asm__ volatile("movl %%gs, %0" : "=r"(gs));
	return gs & 0xffff;
}

static int run(void *block)
{
	uintptr_t pointer;
	__asm__ volatile("movl %%gs:0, %0" : "=r"(pointer));
	right += pointer == (uintptr_t)block;
	__atomic_fetch_add(&ended, 1, __ATOMIC_RELEASE);
	return 0;
}

__attribute__((force_align_arg_pointer, noreturn)) void _start(void);
void _start(void)
{
	int status = 0;
	/* As the kernel starts a process; qemu-user selects something else. */
	__asm__ volatile("movl %0, %%gs" : : "r"(0));
	for (int i = 0; i < THREADS && status == 0; i++) {
		rt0_arch_tls_init(blocks[i]);
		if (rt0_clone0(CLONE_FLAGS, stacks[i] + sizeof(stacks[i]), run, blocks[i], blocks[i]) <= 0)
			status = 1;
		else
			while (__atomic_load_n(&ended, __ATOMIC_ACQUIRE) <= i)
				rt0_syscall3(SYS_SCHED_YIELD, 0, 0, 0);
	}
	if (status == 0 && right != THREADS)
		status = 2;
	if (status == 0 && selector() != 0)
		status = 3;
	for (;;)
		rt0_syscall3(SYS_EXIT_GROUP, status, 0, 0);
}
