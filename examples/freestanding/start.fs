( What the library runs when it starts: a table of primes, and the words that use it. )

: limit 400000 ;
create composite limit allot
create primes 40000 cells allot
create found 0 ,

: cross ( p -- ) ( every multiple from its square on )
  dup dup *
  begin dup limit < while
    1 over composite + c!
    over +
  repeat drop drop ;

: note ( p -- )
  primes found @ cells + !
  found @ 1 + found ! ;

: sieve
  limit 2 do
    i composite + c@ 0= if i note i cross then
  loop ;

sieve

: primes-found ( -- count ) found @ ;
: prime ( n -- the nth prime ) 1 - cells primes + @ ;
: prime? ( n -- flag ) composite + c@ 0= ;
: gcd ( a b -- c ) begin dup while swap over mod repeat drop ;
