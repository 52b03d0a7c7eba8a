let table = Hashtbl.create 100

let () =
  for i = 0 to 99 do
    Hashtbl.replace table (string_of_int i) i
  done;
  (* Makes garbage, so that the collector runs while foreign threads are in here. *)
  Callback.register "answer" (fun factor ->
      Hashtbl.find table (String.concat "" [ "4"; "2" ]) * factor)
