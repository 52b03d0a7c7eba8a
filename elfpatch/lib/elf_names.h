/* Names of the gABI and of its supplements that some libc's elf.h has not, such as musl's. */
#ifndef ELF_NAMES_H
#define ELF_NAMES_H

#include <elf.h>

#ifndef ELFOSABI_ARM_AEABI
#define ELFOSABI_ARM_AEABI 64
#endif
#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif
#ifndef R_LARCH_64
#define R_LARCH_64       2
#define R_LARCH_RELATIVE 3
#endif
#ifndef DT_RELR
#define DT_RELRSZ  35
#define DT_RELR    36
#define DT_RELRENT 37
#endif
#ifndef GNU_PROPERTY_X86_FEATURE_1_AND
#define GNU_PROPERTY_X86_FEATURE_1_AND 0xc0000002
#endif
#ifndef GNU_PROPERTY_AARCH64_FEATURE_1_AND
#define GNU_PROPERTY_AARCH64_FEATURE_1_AND 0xc0000000
#endif

#endif
