/*
 * Static probes for perf, bpftrace, SystemTap and gdb (USDT): a nop, and a note that
 * says where it is and where its arguments are. The notes are what sys/sdt.h makes,
 * which belongs to the host's system and is there for no other machine: the format is
 * SystemTap's, "User Space Probe Implementation", version 3. They are in no segment.
 */
#ifndef RT0_PROBE_H
#define RT0_PROBE_H

#if __SIZEOF_POINTER__ == 8
#define RT0_PROBE_WORD ".8byte"
#define RT0_PROBE_SIZE "8"
#else
#define RT0_PROBE_WORD ".4byte"
#define RT0_PROBE_SIZE "4"
#endif

/*
 * Provider rt0, so the probe is rt0:NAME. Two arguments, words in registers. By the
 * address of .stapsdt.base, a byte that all probes of a library share, tools find out
 * that a file was prelinked since; gdb wants to see it.
 */
#define RT0_PROBE(name, first, second)                                                                                 \
	__asm__ volatile("990:	nop\n"                                                                                  \
			 "	.pushsection .note.stapsdt, \"\", \"note\"\n"                                               \
			 "	.balign	4\n"                                                                                \
			 "	.4byte	992f - 991f, 994f - 993f, 3\n"                                                       \
			 "991:	.asciz	\"stapsdt\"\n"                                                                   \
			 "992:	.balign	4\n"                                                                            \
			 "993:	" RT0_PROBE_WORD "	990b, _.stapsdt.base, 0\n"                                          \
			 "	.asciz	\"rt0\"\n"                                                                           \
			 "	.asciz	\"" #name "\"\n"                                                               \
			 "	.asciz	\"" RT0_PROBE_SIZE "@%0 " RT0_PROBE_SIZE "@%1\"\n"                             \
			 "994:	.balign	4\n"                                                                            \
			 "	.popsection\n"                                                                              \
			 "	.ifndef	_.stapsdt.base\n"                                                                   \
			 "	.pushsection .stapsdt.base, \"aG\", \"progbits\", .stapsdt.base, comdat\n"                  \
			 "	.weak	_.stapsdt.base\n"                                                                     \
			 "	.hidden	_.stapsdt.base\n"                                                                   \
			 "_.stapsdt.base:	.space	1\n"                                                                  \
			 "	.size	_.stapsdt.base, 1\n"                                                                  \
			 "	.popsection\n"                                                                              \
			 "	.endif"                                                                                     \
			 :                                                                                             \
			 : "r"(first), "r"(second))

#endif
