// A Go library starts itself, by a constructor. What ldwrap gives it is a second part of the start, in Go, that the first
// calls wait for.
package main

// #include <rt0.h>
import "C"

import "strconv"

var table map[string]C.int

//export plugStart
func plugStart() C.int {
	started := make(chan map[string]C.int)
	go func() {
		made := map[string]C.int{}
		for i := 0; i < 100; i++ {
			made[strconv.Itoa(i)] = C.int(i)
		}
		started <- made
	}()
	table = <-started
	return 0
}

//export plug_answer
func plug_answer(factor C.int) C.int {
	value, ok := table["42"]
	if !ok {
		return -1
	}
	return value * factor
}

func main() {}
