// A Go library without an rt0_runtime_init: Go's own start is all that it has, and ldwrap leaves it as it is.
package main

import "C"

//export plug_answer
func plug_answer(factor C.int) C.int { return 42 * factor }

func main() {}
