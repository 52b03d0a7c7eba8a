//! Rust needs no start of its own; what it initialises here is a table that the calls use.
use std::collections::HashMap;
use std::os::raw::{c_char, c_int};
use std::panic;
use std::sync::Mutex;

static TABLE: Mutex<Option<HashMap<String, c_int>>> = Mutex::new(None);

extern "C" {
    fn hold();
}

#[no_mangle]
pub extern "C" fn rt0_runtime_init(
    _argc: c_int,
    _argv: *const *const c_char,
    _envp: *const *const c_char,
) -> c_int {
    unsafe { hold() };
    let table = (0..100).map(|i| (i.to_string(), i)).collect();
    *TABLE.lock().unwrap() = Some(table);
    0
}

#[no_mangle]
pub extern "C" fn plug_answer(factor: c_int) -> c_int {
    // A panic must not leave Rust.
    panic::catch_unwind(|| TABLE.lock().unwrap().as_ref().unwrap()["42"] * factor).unwrap_or(-1)
}
