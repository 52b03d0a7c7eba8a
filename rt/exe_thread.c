/*
 * librt0.a: the variable of rt0.h that an executable may set, and nobody reads. Apart
 * from exe.c, so that a library that names librt0.a too gets rt's, which is weak as well.
 */
#include "rt0.h"

__attribute__((weak)) int (*rt0_sys_thread_create)(void *(*)(void *), void *);
