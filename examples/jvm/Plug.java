import java.math.BigInteger;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What the library runs in its virtual machine: each public function takes a text and returns one. */
public final class Plug {
    private static final String[] ONES = ("zero one two three four five six seven eight nine ten eleven twelve thirteen "
        + "fourteen fifteen sixteen seventeen eighteen nineteen").split(" ");
    private static final String[] TENS = "- ten twenty thirty forty fifty sixty seventy eighty ninety".split(" ");

    private static final TreeMap<String, Integer> numbers = new TreeMap<>();
    private static final ThreadLocal<Integer> calls = ThreadLocal.withInitial(() -> 0);

    private Plug() {
    }

    /** Runs once, when the library starts. */
    static void start() {
        for (int n = 0; n < 20000; n++)
            numbers.put(spell(n), n);
    }

    private static String spell(int n) {
        if (n < 20)
            return ONES[n];
        if (n < 100)
            return TENS[n / 10] + (n % 10 != 0 ? "-" + ONES[n % 10] : "");
        if (n < 1000)
            return ONES[n / 100] + " hundred" + (n % 100 != 0 ? " " + spell(n % 100) : "");
        return spell(n / 1000) + " thousand" + (n % 1000 != 0 ? " " + spell(n % 1000) : "");
    }

    public static String spell(String n) {
        return spell(Integer.parseInt(n));
    }

    public static String number(String name) {
        Integer number = numbers.get(name);
        if (number == null)
            throw new IllegalArgumentException("no number is called '" + name + "'");
        return number.toString();
    }

    /** How many names begin with each letter. */
    public static String initials(String unused) {
        Map<Character, Long> counts = numbers.keySet().stream()
            .collect(Collectors.groupingBy(name -> name.charAt(0), TreeMap::new, Collectors.counting()));
        return counts.toString();
    }

    public static String factorial(String n) {
        return IntStream.rangeClosed(1, Integer.parseInt(n)).mapToObj(BigInteger::valueOf)
            .reduce(BigInteger.ONE, BigInteger::multiply).toString();
    }

    /** Which call of this thread's it is: what Java keeps for a thread lasts while the thread is attached. */
    public static String call(String unused) {
        calls.set(calls.get() + 1);
        return calls.get().toString();
    }

    /** Makes garbage and has it collected, while other threads are in here. */
    public static String collect(String unused) {
        System.gc();
        return "done";
    }

    /** How many of the host's threads the virtual machine has now. */
    public static String threads(String unused) {
        return Long.toString(Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("host")).count());
    }
}
