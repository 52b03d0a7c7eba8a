# What a browser makes of the pages of elfpatch: nothing is loaded, the script runs, names stay names.
load ../support

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
}

# browse PAGE OPTION...: in Chromium, without a window
browse() {
  local page=$PWD/$1
  shift
  timeout 120 chromium --headless=new --no-sandbox --disable-gpu --user-data-dir="$PWD/profile" --enable-logging=stderr \
    --virtual-time-budget=3000 --window-size=1280,900 "$@" "file://$page" 2>log
  # Of the page, not of the browser's own services.
  ! grep -E CONSOLE log >&2
}

@test "the page of a timeline fits its window, finds events and shows what was chosen" {
  "$elfpatch" trace --html=page.html "$root/tests/elfpatch/trace.json"
  browse page.html --dump-dom >dom
  grep -q '<html lang="en" class="js">' dom
  # Not as wide as it was drawn.
  grep -qE '<svg id="timeline"[^>]* viewBox="0 0 11[0-9]{2} ' dom
  # Another script sees to it that somebody clicks and types; the policy has to let it, which is put off for that.
  sed -e 's/<meta http-equiv[^>]*>//' -e 's|</body>|<script>\
    const init = document.querySelector(".span.k-init"), width = () => +init.querySelector("rect").getAttribute("width");\
    const before = width();\
    init.dispatchEvent(new PointerEvent("pointerdown", {bubbles: true, clientX: 500}));\
    init.dispatchEvent(new PointerEvent("pointerup", {bubbles: true, clientX: 500}));\
    document.getElementById("in").click();\
    document.body.dataset.grown = width() > before \|\| init.style.display;\
    document.getElementById("fit").click();\
    document.body.dataset.same = width() === before;\
    document.getElementById("timeline").dispatchEvent(new WheelEvent("wheel", {deltaY: -100, clientX: 900, bubbles: true, cancelable: true}));\
    document.body.dataset.wheel = width() !== before;\
    document.getElementById("filter").value = "WAIT vm_";\
    document.getElementById("filter").dispatchEvent(new Event("input"));\
    document.body.dataset.found = document.querySelectorAll("[data-s]:not(.faint)").length;\
    </script></body>|' page.html >driven.html
  browse driven.html --dump-dom >dom
  for fact in 'data-grown="[^"]*"' 'data-same="true"' 'data-wheel="true"' 'data-found="1"'; do
    grep -qE "<body[^>]*$fact" dom || fail "$fact" "$(grep -o '<body[^>]*>' dom)"
  done
  grep -q '<div id="chosen" class="mono">init libvm.so: 99.8 ms from 200 µs, thread rt0:libvm.so 72</div>' dom
}

@test "a name that is a script does not run, and would not if it were not escaped" {
  cat >evil.json <<'END'
[{"ph":"B","cat":"rt0","pid":1,"tid":1,"ts":1,"name":"wait </text></svg><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"}]
END
  "$elfpatch" trace --html=page.html evil.json
  browse page.html --dump-dom >dom
  grep -q "<title>evil.json</title>" dom
  sed -e 's/&lt;/</g' -e 's/&gt;/>/g' -e "s/&#39;/'/g" -e 's/&quot;/"/g' page.html >open.html
  browse open.html --dump-dom >dom || true
  grep -q 'Executing inline script violates the following Content Security Policy\|Refused to execute inline script' log
  grep -q "<title>evil.json</title>" dom
}

@test "pages of many events and of libraries are drawn in time" {
  python3 - >many.json <<'END'
print("[")
for i in range(8000):
    for phase, at in ("B", 1000 + i), ("E", 2000 + 3 * i):
        print('{"ph":"%s","cat":"rt0","pid":1,"tid":%d,"ts":%d,"name":"wait f","args":{"name":"f","library":"a.so"}},' % (phase, i % 400, at))
END
  "$elfpatch" trace --html=many.html many.json
  SECONDS=0
  browse many.html --screenshot="$PWD/many.png"
  [ "$SECONDS" -lt 60 ]
  "$ldwrap" cc -shared -fPIC -O1 -I"$root/rt" "$root/tests/rt/plug.c" -o libplug.so
  "$elfpatch" show --html=show.html libplug.so
  browse show.html --screenshot="$PWD/show.png"
  # A blank picture of this size has some 6,000 bytes.
  for picture in many show; do
    [ "$(stat -c %s $picture.png)" -gt 20000 ]
  done
}
