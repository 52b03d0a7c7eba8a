"""For Bazel, with this in the file WORKSPACE:

    local_repository(
        name = "rt0",
        path = "<prefix>/share/rt0/bazel",
    )

Each input of a link is declared, so that it runs in a sandbox or on another machine, and is taken from a cache.
"""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "CPP_LINK_DYNAMIC_LIBRARY_ACTION_NAME")
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

# Stands for the code of the library in the toolchain's command line.
_CODE = "rt0-code"

def _objects(library):
    return library.pic_objects or library.objects or []

def _archive(library):
    return library.pic_static_library or library.static_library

def _add_library(library, is_whole, args):
    """Adds all of a library's code, or what is referred to. Returns the files."""
    objects, archive = _objects(library), _archive(library)
    if is_whole and objects:
        args.add_all(objects)
        return objects
    if is_whole and archive:
        args.add_all(["-Wl,--whole-archive", archive, "-Wl,--no-whole-archive"])
        return [archive]
    file = archive or library.dynamic_library or library.interface_library
    args.add(file)
    return [file]

def _rt0_library_impl(ctx):
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    action = CPP_LINK_DYNAMIC_LIBRARY_ACTION_NAME
    output = ctx.actions.declare_file(ctx.attr.shared_lib_name or "lib%s.so" % ctx.label.name)
    given = cc_common.merge_cc_infos(cc_infos = [dep[CcInfo] for dep in ctx.attr.deps])

    own = ctx.actions.args()
    own.add("--rt0=on")

    # By the declared path: /proc/self/exe leads to where the sandbox has its links from.
    own.add("--rt0-objects=" + ctx.files._objects[0].dirname.rpartition("/")[0])
    if ctx.attr.init:
        own.add("--rt0-init=" + ctx.attr.init)
    own.add_all(ctx.attr.gate, format_each = "--rt0-gate=%s")
    own.add_all(ctx.attr.no_gate, format_each = "--rt0-no-gate=%s")
    own.add_all(ctx.files.gate_lists, format_each = "--rt0-gate-list=%s")
    own.add_all(ctx.attr.options)
    own.add(cc_common.get_tool_for_action(feature_configuration = features, action_name = action))

    code = ctx.actions.args()
    code.use_param_file("@%s")
    code.set_param_file_format("shell")
    files, flags, shared = [], [], []
    direct = [dep.label for dep in ctx.attr.deps]
    for linked in given.linking_context.linker_inputs.to_list():
        for library in linked.libraries:
            files.extend(_add_library(library, library.alwayslink or linked.owner in direct, code))
            if not _objects(library) and not _archive(library):
                shared.append(library)
        flags.extend(linked.user_link_flags)
        files.extend(linked.additional_inputs)
    for flag in ctx.attr.linkopts:
        flags.append(ctx.expand_location(flag, ctx.attr.additional_linker_inputs))

    variables = cc_common.create_link_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        output_file = output.path,
        user_link_flags = [_CODE] + flags,
        is_using_linker = True,
        is_linking_dynamic_library = True,
        must_keep_debug = True,
    )
    command = cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = action,
        variables = variables,
    )
    if _CODE not in command:
        fail("the C++ toolchain has no feature 'user_link_flags' for %s" % action)
    at = command.index(_CODE)
    ctx.actions.run(
        executable = ctx.executable._ldwrap,
        arguments = [
            own,
            ctx.actions.args().add_all(command[:at]),
            code,
            ctx.actions.args().add_all(command[at + 1:]),
        ],
        env = cc_common.get_environment_variables(
            feature_configuration = features,
            action_name = action,
            variables = variables,
        ),
        inputs = depset(
            files + ctx.files._objects + ctx.files.gate_lists + ctx.files.additional_linker_inputs,
            transitive = [toolchain.all_files],
        ),
        outputs = [output],
        mnemonic = "Rt0Link",
        progress_message = "Linking %s, which starts its runtime" % output.short_path,
    )

    linkable = cc_common.create_library_to_link(
        actions = ctx.actions,
        feature_configuration = features,
        cc_toolchain = toolchain,
        dynamic_library = output,
    )
    linking = cc_common.create_linking_context(linker_inputs = depset([cc_common.create_linker_input(
        owner = ctx.label,
        libraries = depset([linkable] + shared),
    )]))
    return [
        DefaultInfo(files = depset([output]), runfiles = ctx.runfiles([output])),
        CcInfo(compilation_context = given.compilation_context, linking_context = linking),
    ]

rt0_library = rule(
    implementation = _rt0_library_impl,
    doc = "A shared library that starts its runtime by itself when it is loaded. It may be linked to, or be data.",
    attrs = {
        "additional_linker_inputs": attr.label_list(
            doc = "Files that linkopts name, with $(location …): version scripts.",
            allow_files = True,
        ),
        "deps": attr.label_list(
            doc = "What the library is made of: all of these, and of their own deps what is referred to.",
            mandatory = True,
            providers = [CcInfo],
        ),
        "gate": attr.string_list(doc = "Patterns of the exports to gate; all functions, if there are none."),
        "gate_lists": attr.label_list(doc = "Files of such patterns.", allow_files = True),
        "init": attr.string(doc = "The function that initialises the runtime, instead of rt0_runtime_init."),
        "linkopts": attr.string_list(doc = "Options of the compiler driver."),
        "no_gate": attr.string_list(doc = "Patterns of the exports not to gate."),
        "options": attr.string_list(doc = "Other options of ldwrap(1)."),
        "shared_lib_name": attr.string(doc = "The library's file name, instead of lib<name>.so."),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
        "_ldwrap": attr.label(
            default = "//:bin/ldwrap",
            allow_single_file = True,
            cfg = "exec",
            executable = True,
        ),
        "_objects": attr.label(default = "//:objects"),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)

def _rt0_patch_impl(ctx):
    output = ctx.actions.declare_file(ctx.attr.out or "%s/%s" % (ctx.label.name, ctx.file.src.basename))
    files = [ctx.file.src]
    arguments = ctx.actions.args()
    arguments.add_all(ctx.attr.arguments)
    if ctx.attr.arguments[0] == "attach":
        arguments.add("--objects=" + ctx.files._objects[0].dirname.rpartition("/")[0])
        files.extend(ctx.files._objects)
    arguments.add("-o", output)
    arguments.add(ctx.file.src)
    ctx.actions.run(
        executable = ctx.executable._elfpatch,
        arguments = [arguments],
        inputs = files,
        outputs = [output],
        mnemonic = "Rt0Patch",
        progress_message = "Patching %s" % output.short_path,
    )
    return [DefaultInfo(files = depset([output]), runfiles = ctx.runfiles([output]))]

rt0_patch = rule(
    implementation = _rt0_patch_impl,
    doc = "A finished ELF file, edited by elfpatch. One that was attached needs @rt0//:lib/librt0.so.0 at run time.",
    attrs = {
        "arguments": attr.string_list(
            doc = "The command of elfpatch(1), and its options: attach, detach, gate or set.",
            allow_empty = False,
            mandatory = True,
        ),
        "out": attr.string(doc = "The new file's path, instead of <name>/ and the old file's name."),
        "src": attr.label(allow_single_file = True, mandatory = True),
        "_elfpatch": attr.label(
            default = "//:bin/elfpatch",
            allow_single_file = True,
            cfg = "exec",
            executable = True,
        ),
        "_objects": attr.label(default = "//:objects"),
    },
)
