/* faulty_vfs.h - a shim between SQLite and the operating system: calls that fail, and a power cut that keeps only what was
 * synced.
 *
 * One shim for the whole process, the default file system after faulty_vfs_install(). Not here: what the store promises
 * (store_faults.c, store_power.c). */
#ifndef TESTS_FAULT_FAULTY_VFS_H
#define TESTS_FAULT_FAULTY_VFS_H

#include <stdbool.h>
#include <stdint.h>

enum fault { FAULT_NONE = 0, FAULT_READ, FAULT_WRITE, FAULT_SYNC };
enum fault_lasts { FAULT_FROM_THEN_ON, FAULT_ONCE };

void faulty_vfs_install(void);

/* The n-th call of this kind from now on answers `code` (SQLITE_IOERR_…), n from 1. A write that fails has torn its page:
 * the first half of it is in the file. */
void faulty_vfs_arm(enum fault f, int code, long n, enum fault_lasts lasts);
/* No more faults. Returns whether the call was met. */
bool faulty_vfs_disarm(void);

/* From now on what the files held at their last sync is remembered. Before the store is opened. */
void faulty_vfs_remember(void);
void faulty_vfs_forget(void);
/* The n-th write or sync from now on, n from 1: just before it the power fails, and `dir` gets the files as the disk would
 * have kept them. What was synced is there; of the writes since, by `seed`, none, all, or any of them, each whole or any
 * of its sectors of 512 bytes. The process goes on with its own files. */
enum kept { KEPT_NOTHING, KEPT_ALL, KEPT_SOME };
void faulty_vfs_cut_at(long n, enum kept kept, uint64_t seed, const char *dir);
bool faulty_vfs_was_cut(void);

#endif
