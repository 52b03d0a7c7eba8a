;; What the library runs when it starts. The value of its last expression is the procedure that answers calls: it takes a text,
;; and returns a pair of a status and a text.

(use-modules (srfi srfi-1))

(define ones
  #("zero" "one" "two" "three" "four" "five" "six" "seven" "eight" "nine" "ten" "eleven" "twelve" "thirteen" "fourteen"
    "fifteen" "sixteen" "seventeen" "eighteen" "nineteen"))
(define tens #(#f #f "twenty" "thirty" "forty" "fifty" "sixty" "seventy" "eighty" "ninety"))

(define (spell n)
  (define (rest between m)
    (if (zero? m) "" (string-append between (spell m))))
  (cond
   ((< n 20) (vector-ref ones n))
   ((< n 100) (string-append (vector-ref tens (quotient n 10)) (rest "-" (remainder n 10))))
   ((< n 1000) (string-append (vector-ref ones (quotient n 100)) " hundred" (rest " " (remainder n 100))))
   (else (string-append (spell (quotient n 1000)) " thousand" (rest " " (remainder n 1000))))))

(define numbers (make-hash-table 20000))
(for-each (lambda (n) (hash-set! numbers (spell n) n)) (iota 20000))

(define (number name)
  (or (hash-ref numbers name) (error "no number is called" name)))

;; Which call of this thread's it is: a fluid's value belongs to the thread.
(define calls (make-thread-local-fluid 0))
(define (call)
  (fluid-set! calls (+ 1 (fluid-ref calls)))
  (fluid-ref calls))

(define (factorial n)
  (fold * 1 (iota n 1)))

(lambda (text)
  (catch #t
    (lambda ()
      (let ((value (eval (call-with-input-string text read) (current-module))))
        (cons 0 (if (string? value) value (object->string value)))))
    (lambda (key . arguments)
      (let ((said (call-with-output-string (lambda (port) (print-exception port #f key arguments)))))
        (cons -1 (string-trim-right said))))))
