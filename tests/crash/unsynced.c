/* Remembers what a write replaced until the file is synced, so that a power cut can be played:
 * whoever undoes what is remembered has the files as of their last fsync.
 *
 * LD_PRELOAD it into PostgreSQL with UNSYNCED_DATA (the data folder) and UNSYNCED_UNDO (a folder for
 * one file of records for each inode). A record: where, how many old bytes, the old size, the bytes.
 * While a file UNSYNCED_UNDO.full stands beside that folder, the disk is full.
 * Names (create, rename, unlink) count as durable at once. fsync itself costs nothing here.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#undef pwrite64
#undef pwritev64
#undef ftruncate64
#undef posix_fallocate64

struct record { int64_t at, length, size; };

#define REAL(name) static __typeof__(name) *call; if (!call) call = dlsym(RTLD_NEXT, #name)

static ssize_t put(int fd, const void *bytes, size_t count) {
    REAL(write);
    return call(fd, bytes, count);
}

static int is_ours(int fd, struct stat *facts) {
    const char *data = getenv("UNSYNCED_DATA");
    char link[64], path[4096];
    if (!data || fstat(fd, facts) || !S_ISREG(facts->st_mode)) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return !strncmp(path, data, strlen(data));
}

static void undo_name(char *name, size_t room, const struct stat *facts) {
    snprintf(name, room, "%s/%llu", getenv("UNSYNCED_UNDO"), (unsigned long long)facts->st_ino);
}

/* The records of this inode, locked until closed. */
static int held(const struct stat *facts) {
    char name[4096];
    undo_name(name, sizeof name, facts);
    int undo = open(name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (undo >= 0) flock(undo, LOCK_EX);
    return undo;
}

/* Write down what stands at `at`, `count` bytes of it; returns the lock to close afterwards. */
static int remember(int fd, off_t at, size_t count) {
    int kept_errno = errno;
    struct stat facts;
    if (!is_ours(fd, &facts)) return -1;
    int undo = held(&facts);
    fstat(fd, &facts); /* again, under the lock */
    int64_t there = facts.st_size > at ? facts.st_size - at : 0;
    if (there > (int64_t)count) there = count;
    char *buffer = malloc(sizeof(struct record) + there);
    struct record *record = (struct record *)buffer;
    ssize_t got = there ? pread(fd, buffer + sizeof *record, there, at) : 0;
    if (got < 0) { /* opened for writing only */
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        int other = open(link, O_RDONLY | O_CLOEXEC);
        got = pread(other, buffer + sizeof *record, there, at);
        close(other);
    }
    *record = (struct record){at, got > 0 ? got : 0, facts.st_size};
    put(undo, buffer, sizeof *record + record->length);
    free(buffer);
    errno = kept_errno;
    return undo;
}

static void let_go(int undo) {
    int kept_errno = errno;
    if (undo >= 0) close(undo);
    errno = kept_errno;
}

static off_t here(int fd) {
    if (fcntl(fd, F_GETFL) & O_APPEND) { struct stat facts; fstat(fd, &facts); return facts.st_size; }
    return lseek(fd, 0, SEEK_CUR);
}

static size_t total(const struct iovec *parts, int count) {
    size_t sum = 0;
    for (int i = 0; i < count; i++) sum += parts[i].iov_len;
    return sum;
}

/* While there is a file UNSYNCED_UNDO.full, the disk is. */
static int is_full(int fd) {
    char flag[4096];
    struct stat facts;
    const char *undo = getenv("UNSYNCED_UNDO");
    if (!undo) return 0;
    int kept_errno = errno;
    snprintf(flag, sizeof flag, "%s.full", undo);
    int full = !access(flag, F_OK) && is_ours(fd, &facts);
    errno = full ? ENOSPC : kept_errno;
    return full;
}

#define AROUND(fd, at, count, doing) \
    if (is_full(fd)) return -1; \
    int undo = remember(fd, at, count); ssize_t done = doing; let_go(undo); return done

ssize_t write(int fd, const void *bytes, size_t count) {
    if (fd <= 2) return put(fd, bytes, count);
    AROUND(fd, here(fd), count, put(fd, bytes, count));
}
ssize_t writev(int fd, const struct iovec *parts, int n) {
    REAL(writev);
    AROUND(fd, here(fd), total(parts, n), call(fd, parts, n));
}
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    REAL(pwrite);
    AROUND(fd, at, count, call(fd, bytes, count, at));
}
ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at) { return pwrite(fd, bytes, count, at); }
ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t at) {
    REAL(pwritev);
    AROUND(fd, at, total(parts, n), call(fd, parts, n, at));
}
ssize_t pwritev64(int fd, const struct iovec *parts, int n, off_t at) { return pwritev(fd, parts, n, at); }

int ftruncate(int fd, off_t size) {
    REAL(ftruncate);
    AROUND(fd, size, SIZE_MAX >> 1, call(fd, size));
}
int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }
int posix_fallocate(int fd, off_t at, off_t count) {
    REAL(posix_fallocate);
    if (is_full(fd)) return ENOSPC;
    AROUND(fd, at + count, 0, call(fd, at, count));
}
int posix_fallocate64(int fd, off_t at, off_t count) { return posix_fallocate(fd, at, count); }
int fallocate(int fd, int mode, off_t at, off_t count) {
    REAL(fallocate);
    AROUND(fd, at + count, 0, call(fd, mode, at, count));
}

static int durable(int fd) {
    struct stat facts;
    if (!is_ours(fd, &facts)) return 0;
    REAL(ftruncate);
    int undo = held(&facts);
    call(undo, 0);
    let_go(undo);
    return 0;
}
int fsync(int fd) { return durable(fd); }
int fdatasync(int fd) { return durable(fd); }

/* An inode that is gone is nobody's past: its number will be given to another file. */
static void forget(const char *path) {
    struct stat facts;
    char name[4096];
    REAL(unlink);
    if (!getenv("UNSYNCED_UNDO") || stat(path, &facts) || facts.st_nlink > 1) return;
    undo_name(name, sizeof name, &facts);
    call(name);
}
int unlink(const char *path) {
    REAL(unlink);
    int kept_errno = errno;
    forget(path);
    errno = kept_errno;
    return call(path);
}
int rename(const char *from, const char *to) {
    REAL(rename);
    int kept_errno = errno;
    struct stat old, new;
    if (!stat(from, &old) && !stat(to, &new) && old.st_ino != new.st_ino) forget(to);
    errno = kept_errno;
    return call(from, to);
}
