/* serve.h - `tocsin serve`: the words of its command line become struct serve_options. */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

/* argv[0] is "serve". The exit status of the process: 2 when the words were not understood. */
int serve_command(int argc, char **argv);

#endif
