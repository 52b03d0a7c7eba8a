with Interfaces.C;

package Plug is

   function Start return Interfaces.C.int
     with Export, Convention => C, External_Name => "plug_start";

   function Answer (Factor : Interfaces.C.int) return Interfaces.C.int
     with Export, Convention => C, External_Name => "plug_answer";

end Plug;
