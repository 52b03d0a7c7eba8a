with Ada.Containers.Indefinite_Ordered_Maps;

package body Plug is

   use type Interfaces.C.int;

   package Maps is new Ada.Containers.Indefinite_Ordered_Maps
     (Key_Type => String, Element_Type => Interfaces.C.int);

   --  Calls come from many threads.
   protected Table is
      procedure Fill;
      function Get (Key : String) return Interfaces.C.int;
   private
      Numbers : Maps.Map;
   end Table;

   protected body Table is
      procedure Fill is
      begin
         for I in Interfaces.C.int range 0 .. 99 loop
            Numbers.Include (I'Image, I);
         end loop;
      end Fill;

      function Get (Key : String) return Interfaces.C.int is
        (if Numbers.Contains (Key) then Numbers.Element (Key) else -1);
   end Table;

   function Start return Interfaces.C.int is
   begin
      Table.Fill;
      return 0;
   end Start;

   function Answer (Factor : Interfaces.C.int) return Interfaces.C.int is
     (Table.Get (" 42") * Factor);

end Plug;
