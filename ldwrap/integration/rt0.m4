# RT0_PROG_LDWRAP([ACTION-IF-FOUND], [ACTION-IF-NOT-FOUND])
# ---------------------------------------------------------
# Puts ldwrap in front of CC and CXX, and sets the output variables LDWRAP, RT0_CPPFLAGS and RT0_LIBS. Call it after
# AC_PROG_CC and AC_PROG_CXX, and before LT_INIT. ldwrap is taken from LDWRAP, from --with-rt0=PREFIX, or from PATH.
# Without ACTION-IF-NOT-FOUND a missing ldwrap ends configure. Options of ldwrap(1) go into the LDFLAGS of a library,
# for libtool in the form -Wc,--rt0-init=SYMBOL.
AC_DEFUN([RT0_PROG_LDWRAP],
[AC_REQUIRE([AC_PROG_CC])dnl
AC_BEFORE([$0], [LT_INIT])dnl
AC_ARG_VAR([LDWRAP], [ldwrap, the compiler driver's wrapper of rt0kit])dnl
AC_ARG_WITH([rt0],
  [AS_HELP_STRING([--with-rt0=PREFIX], [where rt0kit is installed @<:@the folder of ldwrap on PATH@:>@])],
  [], [with_rt0=])
AS_CASE([$with_rt0],
  [yes], [with_rt0=],
  [no], [],
  [?*], [: "${LDWRAP=$with_rt0/bin/ldwrap}"])
AS_IF([test "x$with_rt0" != xno], [AC_PATH_PROG([LDWRAP], [ldwrap])])
AS_IF([test -x "$LDWRAP"],
  [rt0_prefix=`cd "\`dirname -- "$LDWRAP"\`/.." && pwd -P`
   AC_SUBST([RT0_CPPFLAGS], ["-I'$rt0_prefix/include'"])
   dnl As an option of the linker: libtool takes the names of libraries apart at spaces.
   AC_SUBST([RT0_LIBS], ["-Wl,-L'$rt0_prefix/@LIB@',-lrt0"])
   dnl CC is a list of words, none of which can hold a space.
   rt0_command=$LDWRAP
   AS_CASE([$rt0_command],
     [*[[\ \	]]*],
       [AS_IF([test "x`command -v ldwrap`" = "x$LDWRAP"], [rt0_command=ldwrap],
         [AC_MSG_ERROR([the path '$LDWRAP' has a space in it: put its folder on PATH])])])
   CC="$rt0_command $CC"
   AS_IF([test -n "$CXX"], [CXX="$rt0_command $CXX"])
   m4_default([$1], [:])],
  [m4_default([$2], [AC_MSG_ERROR([ldwrap was not found: use --with-rt0=PREFIX])])])
])
