/* How many copies of the called function there are, and a macro for each. */
#ifndef CALL_H
#define CALL_H

#define COPIES           16
#define FOR_EACH_COPY(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

#endif
