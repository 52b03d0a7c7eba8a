(* What the library runs when it starts, and what its calls are answered by: sums of numbers that are written in words. *)

let ones =
  [| "zero"; "one"; "two"; "three"; "four"; "five"; "six"; "seven"; "eight"; "nine"; "ten"; "eleven"; "twelve"; "thirteen";
     "fourteen"; "fifteen"; "sixteen"; "seventeen"; "eighteen"; "nineteen" |]

let tens = [| ""; ""; "twenty"; "thirty"; "forty"; "fifty"; "sixty"; "seventy"; "eighty"; "ninety" |]

let rec spell n =
  if n < 0 then "minus " ^ spell (-n)
  else if n < 20 then ones.(n)
  else if n < 100 then tens.(n / 10) ^ rest "-" (n mod 10)
  else if n < 1000 then ones.(n / 100) ^ " hundred" ^ rest " " (n mod 100)
  else spell (n / 1000) ^ " thousand" ^ rest " " (n mod 1000)

and rest between n = if n = 0 then "" else between ^ spell n

let numbers = Hashtbl.create 20000

type term = Number of int | Sum of term * term | Difference of term * term | Product of term * term

exception Unknown of string

(* "two times three plus four": `times` binds more than `plus` and `minus`. *)
let parse text =
  let is_operator word = List.mem word [ "plus"; "minus"; "times" ] in
  let rec number words = function
    | word :: others when not (is_operator word) -> number (word :: words) others
    | others -> (
        let name = String.concat " " (List.rev words) in
        match Hashtbl.find_opt numbers name with
        | Some n -> (Number n, others)
        | None -> raise (Unknown name))
  in
  let rec product left = function
    | "times" :: others ->
        let right, others = number [] others in
        product (Product (left, right)) others
    | others -> (left, others)
  in
  let term words =
    let left, others = number [] words in
    product left others
  in
  let rec sum left = function
    | "plus" :: others ->
        let right, others = term others in
        sum (Sum (left, right)) others
    | "minus" :: others ->
        let right, others = term others in
        sum (Difference (left, right)) others
    | _ -> left
  in
  let left, others = term (List.filter (( <> ) "") (String.split_on_char ' ' text)) in
  sum left others

let rec value = function
  | Number n -> n
  | Sum (a, b) -> value a + value b
  | Difference (a, b) -> value a - value b
  | Product (a, b) -> value a * value b

(* Which call of this thread's it is: OCaml knows a thread by the same number for as long as it is registered. *)
let calls = Hashtbl.create 16

let call () =
  let self = Thread.id (Thread.self ()) in
  let number = 1 + Option.value ~default:0 (Hashtbl.find_opt calls self) in
  Hashtbl.replace calls self number;
  number

let () =
  for n = 0 to 19999 do
    Hashtbl.replace numbers (spell n) n
  done;
  Callback.register "answer" (fun text -> spell (value (parse text)));
  Callback.register "call" call;
  Callback.register "collect" Gc.compact
