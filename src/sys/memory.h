/* memory.h - how the process asks the system for memory and gives it back.
 *
 * glibc keeps an arena for each thread and remembers every peak; a server of a dozen threads that once took a large
 * request then holds tens of megabytes for ever. Nothing here changes what a program may do, only what it holds. */
#ifndef SYS_MEMORY_H
#define SYS_MEMORY_H

void memory_begin(void); /* first thing in a process, before its threads; a forked child has it too: few arenas, large blocks on their own */
/* After a large piece of work, as a start is: what is free goes back to the system. So do the pages of the program and its
 * libraries that were read on the way, by linking above all; what is used again comes back from the file. Takes less than
 * a millisecond; a debugger's breakpoints are lost by it. */
void memory_give_back(void);
/* How long after a start to do it: whoever waited for that is served first, with the pages that are there. */
#define MEMORY_SETTLES_MS 500

#endif
