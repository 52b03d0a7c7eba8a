#ifndef HOLD_H
#define HOLD_H

__attribute__((visibility("hidden"))) void hold(void);

#endif
