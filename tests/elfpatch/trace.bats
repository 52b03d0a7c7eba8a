# elfpatch trace: drawing what RT0_TRACE has written; and the pages that show and verify make.
load ../support

fixture=$root/tests/elfpatch/trace.json

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  unset COLUMNS NO_COLOR
}

@test "the text has a bar a thread and the events under it, in the characters of the locale" {
  cp "$fixture" trace.json
  run -0 "$elfpatch" trace --width=72 trace.json
  diff -Z - <(echo "$output") <<'END'
trace.json: 8 events, 3 threads, 2 processes

host, process 71
  host 71               |s                      wwwwwwwwwwwwwwww       |
  rt0:libvm.so 72       |======================================o_______|
other?[31m, process 90
  thread 90             |                                             X|
                         0                                       120 ms

  # held at load  s makes a thread  : waits for the load to end
  = initialises  _ runs  w waits for init  o ready  X failed

host 71
        0 us     80 us  # load libvm.so
        5 us     40 us  s   spawn libvm.so
     60.0 ms   40.0 ms  w wait vm_<eval>?, libvm.so

rt0:libvm.so 72
       61 us     70 us  : loader-lock libvm.so
      200 us   99.8 ms  = init libvm.so
      100 ms            o open libvm.so
      100 ms    no end  _ main libvm.so

thread 90
      120 ms            X failure rt0_runtime_init failed: Input/output
END
  LC_ALL=C.UTF-8 run -0 "$elfpatch" trace -w 72 trace.json
  has "$output" '▏(▄){38}◆(▁){7}▏'
  has "$output" '60\.0 ms   40\.0 ms  ▒ wait vm_<eval>é, libvm\.so'
  has "$output" '        0 µs     80 µs  █ load'
}

@test "the text is as wide as the terminal, and has colours there unless NO_COLOR or a dumb one forbids them" {
  cat >terminal.py <<'END'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
text = b""
while True:
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    text += part
sys.stdout.buffer.write(text.replace(b"\r", b""))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
  TERM=xterm run -0 python3 terminal.py 100 "$elfpatch" trace "$fixture"
  has "$output" $'\033\[34m=\033\[m'
  TERM=xterm NO_COLOR='' run -0 python3 terminal.py 100 "$elfpatch" trace "$fixture"
  has "$output" $'\033'
  TERM=xterm NO_COLOR=1 run -0 python3 terminal.py 100 "$elfpatch" trace "$fixture"
  has_not "$output" $'\033'
  [ "$(awk '{ if (length($0) > n) n = length($0) } END { print n }' <<<"$(grep '|' <<<"$output")")" -eq 100 ]
  TERM=dumb run -0 python3 terminal.py 120 "$elfpatch" trace "$fixture"
  has_not "$output" $'\033'
  TERM=xterm run -0 "$elfpatch" trace "$fixture"
  has_not "$output" $'\033'
  [ "$(grep '|' <<<"$output" | awk '{ print length($0) }' | sort -u)" = 80 ]
  COLUMNS=60 run -0 "$elfpatch" trace "$fixture"
  [ "$(grep '|' <<<"$output" | awk '{ print length($0) }' | sort -u)" = 60 ]
}

@test "rt0-trace is elfpatch trace" {
  [ "$(readlink "$BUILD/bin/rt0-trace")" = elfpatch ]
  run -0 "$BUILD/bin/rt0-trace" -w 50 "$fixture"
  [ "$output" = "$("$elfpatch" trace -w 50 "$fixture")" ]
}

@test "an array that is closed, events without one, and an object of other tools' are read as well" {
  run -0 "$elfpatch" trace "$fixture"
  local expected=${output#*:}
  { sed '$s/,$//' "$fixture" && echo ']'; } >closed.json
  sed 1d "$fixture" >lines.json
  { echo '{"displayTimeUnit":"ns","traceEvents":' && cat closed.json && echo '}'; } >object.json
  tr -d '\n' <"$fixture" >line.json
  for file in closed lines object line; do
    run -0 "$elfpatch" trace "$file.json"
    [ "${output#*:}" = "$expected" ] || fail "$file" "$output"
  done
  # X, phases that are not drawn, an end without a beginning, and one inside another without an end of its own.
  cat >other.json <<'END'
[{"ph":"X","pid":1,"tid":1,"ts":10.5,"dur":100,"name":"outer"},{"ph":"X","pid":1,"tid":1,"ts":20.5,"dur":10,"name":"inner"},
{"ph":"C","pid":1,"ts":1,"args":{"n":1}},{"ph":"E","pid":1,"tid":1,"ts":40},
{"ph":"B","pid":1,"tid":2,"ts":30.5,"name":"a"},{"ph":"B","pid":1,"tid":2,"ts":40.5,"name":"b"},{"ph":"E","pid":1,"tid":2,"ts":50.5,"name":"a"}]
END
  run -0 "$elfpatch" trace other.json
  has "$output" '        0 us    100 us  \+ outer'
  has "$output" '       10 us     10 us  \+   inner'
  has "$output" '       20 us     20 us  \+ a'
  has "$output" '       30 us     10 us  \+   b'
}

# page_is_sound PAGE: well-formed, and nothing in it comes from elsewhere
page_is_sound() {
  python3 - "$1" <<'END'
import base64, hashlib, html.parser, re, sys, xml.dom.minidom
text = open(sys.argv[1], encoding="utf-8").read()
void = {"meta", "input", "br", "img", "link", "base"}
class Parser(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.bodies, self.names = [], {}, set()
    def handle_starttag(self, tag, attributes):
        self.names.add(tag)
        for key, value in attributes:
            assert not key.startswith("on") and key not in ("src", "href", "style", "action", "srcset"), (tag, key)
        if tag not in void:
            self.open.append(tag)
    def handle_startendtag(self, tag, attributes):
        self.names.add(tag)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
    def handle_data(self, data):
        if self.open:
            self.bodies[self.open[-1]] = self.bodies.get(self.open[-1], "") + data
parser = Parser()
parser.feed(text)
assert not parser.open, parser.open
allowed = set("html head meta title style body header h1 h2 p main div span b table tr th td code details summary "
              "footer script input button svg g rect path line text tspan ol li br".split())
assert parser.names <= allowed, parser.names - allowed
assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
assert "url(" not in text and "@import" not in text
policy = re.search('Content-Security-Policy" content="([^"]*)"', text).group(1)
assert policy.startswith("default-src 'none'; ")
for name in "style", "script":
    digest = base64.b64encode(hashlib.sha256(parser.bodies[name].encode()).digest()).decode()
    assert "%s-src 'sha256-%s'" % (name, digest) in policy, name
for picture in re.findall("<svg.*?</svg>", text, re.S):
    xml.dom.minidom.parseString(picture)
END
}

@test "a page has all that it needs in it, and names are only names" {
  run -0 "$elfpatch" trace --html=page.html "$fixture"
  [ -z "$output" ]
  page_is_sound page.html
  grep -qE '<text x="[0-9.]+" y="[0-9]+">wait vm_&lt;eval&gt;é</text>' page.html
  grep -qF 'failure rt0_runtime_init failed: Input/output error' page.html
  cat >evil.json <<'END'
[
{"ph":"M","cat":"rt0","pid":1,"tid":1,"name":"process_name","args":{"name":"</title><script>alert(1)</script>"}},
{"ph":"M","cat":"rt0","pid":1,"tid":1,"name":"thread_name","args":{"name":"</script><img src=x onerror=alert(1)>"}},
{"ph":"B","cat":"rt0","pid":1,"tid":1,"ts":1,"name":"wait \" onload='alert(1)' x=\"]]>-->","args":{"name":"</svg><b>","library":"'\"><script>"}},
{"ph":"i","cat":"x","pid":1,"tid":1,"ts":2,"name":"\u0001\u009b\ufffe\ud83d\ude00&amp;","args":{"name":"&"}},
END
  "$elfpatch" trace --html='a&b.html' evil.json
  page_is_sound 'a&b.html'
  grep -qF '&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;' 'a&b.html'
  cp evil.json '<script>&.json'
  "$elfpatch" trace --html=name.html '<script>&.json'
  page_is_sound name.html
  "$elfpatch" trace --html=- evil.json >stdout.html
  cmp stdout.html 'a&b.html'
}

@test "a picture is a file of its own" {
  "$elfpatch" trace --svg=picture.svg "$fixture"
  python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' picture.svg
  grep -qF '<title>init libvm.so: 99.8 ms from 200 µs, thread rt0:libvm.so 72</title>' picture.svg
}

@test "thousands of events and threads are drawn at once, and of more than can be drawn the longest" {
  python3 - >many.json <<'END'
print("[")
for i in range(30000):
    at = 1000 + i % 1000 + i / 10
    print('{"ph":"B","cat":"rt0","pid":%d,"tid":%d,"ts":%.1f,"name":"wait f","args":{"name":"f","library":"a.so"}},' % (i % 3, i % 3000, at))
    print('{"ph":"E","cat":"rt0","pid":%d,"tid":%d,"ts":%.1f,"name":"wait f","args":{"name":"f","library":"a.so"}},' % (i % 3, i % 3000, at + 1 + i / 100))
END
  run -0 timeout 20 "$elfpatch" trace many.json
  timeout 20 "$elfpatch" trace --html=many.html many.json
  [ "$(grep -c '<g class="span' many.html)" -eq 20000 ]
  grep -qF 'Drawn are the 20000 longest events.' many.html
}

@test "what is no trace is refused in a line, and leaves no page" {
  local content error
  while IFS='|' read -r content error; do
    # shellcheck disable=SC2059 # escapes
    printf "$content" >bad.json
    for form in --width=80 --html=page.html --svg=page.svg; do
      run -1 --separate-stderr "$elfpatch" trace "$form" bad.json
      [ "$stderr" = "elfpatch: cannot trace 'bad.json': $error" ] || fail "got: $stderr" "not: $error"
      [ -z "$output" ]
      [ ! -e page.html ]
      [ ! -e page.svg ]
    done
  done <<'END'
|the file is empty
[|no events in 1 bytes
\x7fELF|line 1, byte 0: no event begins here
[\n1]|line 2, byte 2: no event begins here
[{"ph":"B",}]|line 1, byte 12: no JSON: string or '}' expected near '}'
[{"ph":"B"|line 1, byte 10: no JSON: '}' expected near end of file
[{"ph":"i","ts":1},\n{}]|line 2, byte 20: an event has no phase 'ph'
[{"ph":1}]|line 1, byte 1: an event has no phase 'ph'
[{"ph":"i"}]|line 1, byte 1: 'ts' is not a number of microseconds from 0 to 1e+15
[{"ph":"i","ts":-1}]|line 1, byte 1: 'ts' is not a number of microseconds from 0 to 1e+15
[{"ph":"i","ts":1e300}]|line 1, byte 1: 'ts' is not a number of microseconds from 0 to 1e+15
[{"ph":"X","ts":1}]|line 1, byte 1: 'dur' is not a number of microseconds from 0 to 1e+15
[{"ph":"i","ts":1,"pid":"x"}]|line 1, byte 1: 'pid' is not a whole number
[{"ph":"i","ts":1}]]|line 1, byte 19: no event begins here
{"traceEvents":[1]}|line 1, byte 0: an event is not an object
[{"ph":"i","ts":1,"name":"\377"}]|line 1, byte 26: no JSON: unable to decode byte 0xff near '"'
END
  yes '{"ph":"B","ts":1},' | head -n 200 >deep.json
  run -1 --separate-stderr "$elfpatch" trace deep.json
  [ "$stderr" = "elfpatch: cannot trace 'deep.json': events of thread 0 stand in one another, more than 128 deep" ]
  { yes '[' | head -n 100000; } >nested.json
  run -1 --separate-stderr "$elfpatch" trace nested.json
  mkfifo pipe
  run -1 --separate-stderr timeout 10 "$elfpatch" trace pipe
  [ "$stderr" = "elfpatch: cannot trace 'pipe': not a regular file" ]
  run -1 --separate-stderr "$elfpatch" trace missing.json
  [ "$stderr" = "elfpatch: cannot trace 'missing.json': No such file or directory" ]
}

@test "a page is not written over what it is made from, nor where it cannot be" {
  cp "$fixture" trace.json
  ln trace.json other
  for option in --html=trace.json --html=./other --svg=trace.json; do
    run -1 --separate-stderr "$elfpatch" trace "$option" trace.json
    has "$stderr" "^elfpatch: cannot trace 'trace\.json': '.*' would be written over the file itself$"
    cmp "$fixture" trace.json
  done
  run -1 --separate-stderr "$elfpatch" trace --html=/dev/full trace.json
  [ "$stderr" = "elfpatch: cannot trace 'trace.json': cannot write '/dev/full': No space left on device" ]
  run -1 --separate-stderr "$elfpatch" trace --html=missing/page.html trace.json
  [ "$stderr" = "elfpatch: cannot trace 'trace.json': cannot write 'missing/page.html': No such file or directory" ]
  run -2 --separate-stderr "$elfpatch" trace --html=page.html trace.json other
  [ "$stderr" = "elfpatch: --html 'page.html' is for one file only; try 'elfpatch help trace'" ]
  run -2 --separate-stderr "$elfpatch" trace --width=10 trace.json
  [ "$stderr" = "elfpatch: wrong argument, expected '--width=COLUMNS'; try 'elfpatch help trace'" ]
}

@test "what a library writes is read" {
  "$ldwrap" cc -shared -fPIC -O1 -I"$root/rt" "$root/tests/rt/plug.c" -o libplug.so -Wl,-soname,"$(printf 'lib\303\244\377".so')"
  cc -O1 "$root/tests/rt/host.c" -o host
  RT0_TRACE=trace.json ./host plain ./libplug.so
  LC_ALL=C.UTF-8 run -0 "$elfpatch" trace trace.json
  has "$output" $'init lib\303\244\357\277\275"\.so'
  "$elfpatch" trace --html=page.html trace.json
  page_is_sound page.html
}

@test "a page of a library has its segments, what runs at load, its gates and what is wrong with it" {
  "$ldwrap" cc -shared -fPIC -O1 -I"$root/rt" "$root/tests/rt/plug.c" -o libplug.so -Wl,-soname,'lib<plug>&.so.1'
  "$elfpatch" show --html=show.html libplug.so
  page_is_sound show.html
  "$elfpatch" verify --html=verify.html libplug.so
  cmp show.html verify.html
  tr -d '\n' <show.html >line.html
  has "$(<line.html)" '<ol class="order"><li><code>rt0_lib</code>.*<code>own_constructor</code>.*<code>rt0_lib_twin</code>.*</ol>'
  has "$(<line.html)" '<code>plug_answer</code></td><td class="n">0x[0-9a-f]+</td><td class="n">→ 0x[0-9a-f]+</td>'
  has "$(<line.html)" '<code>lib&lt;plug&gt;&amp;\.so\.1</code>'
  has "$(<line.html)" '<td class="warning">warning</td><td><code>relro</code></td>'
  has "$(<line.html)" '<title>\.rt0\.gates: 0x[0-9a-f]+, [0-9]+ bytes</title><rect class="rt0"'
  [ "$(grep -c 'class="map-rx"' show.html)" -eq 2 ] # in memory and in the file
}

@test "verify --html says by its status what is wrong, and neither command leaves half a page" {
  "$ldwrap" cc -shared -fPIC -O1 -I"$root/rt" "$root/tests/rt/plug.c" -o libplug.so
  "$elfpatch" set --flag=rt0_islibrary=0 libplug.so
  run -1 --separate-stderr "$elfpatch" verify --html=page.html libplug.so
  [ -z "$output$stderr" ]
  grep -q '<td class="error">error</td><td><code>islibrary</code></td>' page.html
  page_is_sound page.html
  rm page.html
  head -c 100 libplug.so >cut.so
  for command in show verify; do
    run -1 --separate-stderr "$elfpatch" $command --html=page.html cut.so
    has "$stderr" "^elfpatch: cannot $command 'cut\.so': "
    [ ! -e page.html ]
    cp libplug.so kept.so
    run -1 --separate-stderr "$elfpatch" $command --html=kept.so kept.so
    [ "$stderr" = "elfpatch: cannot $command 'kept.so': 'kept.so' would be written over the file itself" ]
    cmp libplug.so kept.so
  done
  run -2 --separate-stderr "$elfpatch" show --html=page.html --json libplug.so
  [ "$stderr" = "elfpatch: --html 'page.html' is no JSON; try 'elfpatch help show'" ]
  # A program, and an object, which has no segments.
  echo 'int main(void) { return 0; }' >main.c
  cc main.c -o program
  cc -c main.c
  for file in program main.o; do
    "$elfpatch" show --html=page.html "$file"
    page_is_sound page.html
    rm page.html
  done
}
