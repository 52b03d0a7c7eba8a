import std/tables

{.compile: "hold.c".}
proc hold() {.importc.}
proc NimMain() {.importc.}

var table: Table[string, cint]

proc rt0_runtime_init(argc: cint, argv, envp: cstringArray): cint {.exportc.} =
  hold()
  NimMain()
  for i in 0 .. 99:
    table[$i] = cint(i)

proc rt0_thread_attach() {.exportc.} = setupForeignThreadGc()
proc rt0_thread_detach() {.exportc.} = tearDownForeignThreadGc()

proc plug_answer(factor: cint): cint {.exportc, dynlib, gcsafe.} =
  {.cast(gcsafe).}:
    result = table["4" & "2"] * factor
