// The peer of the benchmarks: a library that starts itself when it is loaded.
package main

import "C"

//export go_add
func go_add(a C.int) C.int { return a + 1 }

func main() {}
