/* What libplug.so exports. Each project names plug_start as the init, and plug_released and plug_ready as not gated. */
#ifndef PLUG_H
#define PLUG_H

#ifdef __cplusplus
extern "C" {
#endif

int plug_answer(int factor); /* 42 times the factor, or -1 before plug_start has ended */
int plug_ready(void);
void plug_release(void); /* plug_start waits for it in a library */

#ifdef __cplusplus
}
#endif

#endif
