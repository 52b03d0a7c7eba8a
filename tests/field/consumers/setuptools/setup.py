from setuptools import Extension, setup

setup(
    name='plug',
    ext_modules=[
        Extension('early', ['plugmodule.c'], define_macros=[('PLUG_INIT', 'PyInit_early')],
                  extra_link_args=['--rt0-init=plug_start', '--rt0-no-gate=PyInit_*']),
        Extension('late', ['plugmodule.c'], define_macros=[('PLUG_INIT', 'PyInit_late')],
                  extra_link_args=['--rt0-init=plug_start']),
    ],
)
