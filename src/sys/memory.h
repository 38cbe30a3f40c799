/* memory.h - how the process asks the system for memory and gives it back.
 *
 * glibc keeps an arena for each thread and remembers every peak; a server of a dozen threads that once took a large
 * request then holds tens of megabytes for ever. Nothing here changes what a program may do, only what it holds. */
#ifndef SYS_MEMORY_H
#define SYS_MEMORY_H

void memory_begin(void); /* first thing in a process, before its threads: few arenas, large blocks on their own */
void memory_give_back(void); /* after a large piece of work: what is free goes back to the system */

#endif
