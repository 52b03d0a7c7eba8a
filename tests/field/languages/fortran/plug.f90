module plug
  use, intrinsic :: iso_c_binding
  implicit none

  integer(c_int), allocatable :: table(:)

  interface
    subroutine hold() bind(c)
    end subroutine hold
  end interface

contains

  function rt0_runtime_init(argc, argv, envp) result(error) bind(c)
    integer(c_int), value :: argc
    type(c_ptr), value :: argv, envp
    integer(c_int) :: error
    integer :: i
    call hold()
    table = [(i, i=0, 99)]
    error = merge(0, 22, argc > 0 .and. c_associated(argv) .and. c_associated(envp))
  end function rt0_runtime_init

  recursive function plug_answer(factor) result(number) bind(c)
    integer(c_int), value :: factor
    integer(c_int) :: number
    character(len=8) :: text
    integer :: place
    ! Through Fortran's own input and output, which its library starts.
    write (text, '(i8)') 42
    read (text, *) place
    number = -1
    if (allocated(table)) number = table(place + 1)*factor
  end function plug_answer

end module plug
