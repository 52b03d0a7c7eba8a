import core.runtime : rt_init;
import core.thread.osthread : thread_attachThis;
import core.thread.threadbase : thread_detachThis;

extern (C):

void hold();

__gshared int[string] table;

int rt0_runtime_init(int argc, char** argv, char** envp)
{
    hold();
    if (!rt_init())
        return 1;
    import std.conv : to;

    foreach (i; 0 .. 100)
        table[i.to!string] = i;
    return 0;
}

void rt0_thread_attach()
{
    thread_attachThis();
}

void rt0_thread_detach()
{
    thread_detachThis();
}

export int plug_answer(int factor)
{
    auto key = "4" ~ "2".idup; // the collector's memory
    return table.get(key, -1) * factor;
}
