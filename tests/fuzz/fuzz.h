/*
 * A harness is one program for libFuzzer or AFL++. Its input is CONTROL_SIZE bytes
 * that say what to do, and a file to do it to.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

enum { CONTROL_SIZE = 16 };

/* What each harness has. The file is number 0 of memory.h. */
void harness_run(const unsigned char control[CONTROL_SIZE]);

/* A promise of the library's was broken: the reason, and a crash for the fuzzer to keep. */
_Noreturn void broken(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
