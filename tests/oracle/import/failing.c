/* Preloaded: the Nth call of one kind fails, or is the last thing the process does.
 * OVFKIT_FAIL=KIND:N:ERRNO (0: SIGKILL), OVFKIT_FAIL_MARK: a file that is made when it happened. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long calls;

static int fails(const char *kind) {
    const char *wanted = getenv("OVFKIT_FAIL");
    const size_t length = strlen(kind);
    if (wanted == NULL || strncmp(wanted, kind, length) != 0 || wanted[length] != ':') return 0;
    char *rest = NULL;
    const long number = strtol(wanted + length + 1, &rest, 10);
    if (atomic_fetch_add(&calls, 1) + 1 != number) return 0;
    const char *mark = getenv("OVFKIT_FAIL_MARK");
    if (mark != NULL) syscall(SYS_close, (int)syscall(SYS_openat, AT_FDCWD, mark, O_CREAT | O_WRONLY, 0600));
    const int code = atoi(rest + 1);
    if (code == 0) raise(SIGKILL);
    errno = code;
    return 1;
}

#define NEXT(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *from, size_t size) { return fd > 2 && fails("write") ? -1 : NEXT(write)(fd, from, size); }
ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) { return fails("write") ? -1 : NEXT(pwrite64)(fd, from, size, at); }
ssize_t pwrite(int fd, const void *from, size_t size, off_t at) { return fails("write") ? -1 : NEXT(pwrite)(fd, from, size, at); }
ssize_t read(int fd, void *into, size_t size) { return fails("read") ? -1 : NEXT(read)(fd, into, size); }
ssize_t pread64(int fd, void *into, size_t size, off64_t at) { return fails("read") ? -1 : NEXT(pread64)(fd, into, size, at); }
ssize_t pread(int fd, void *into, size_t size, off_t at) { return fails("read") ? -1 : NEXT(pread)(fd, into, size, at); }
int fsync(int fd) { return fails("sync") ? -1 : NEXT(fsync)(fd); }
int fdatasync(int fd) { return fails("sync") ? -1 : NEXT(fdatasync)(fd); }
int ftruncate64(int fd, off64_t size) { return fails("size") ? -1 : NEXT(ftruncate64)(fd, size); }
int ftruncate(int fd, off_t size) { return fails("size") ? -1 : NEXT(ftruncate)(fd, size); }
int mkdir(const char *path, mode_t mode) { return fails("name") ? -1 : NEXT(mkdir)(path, mode); }
int rename(const char *from, const char *to) { return fails("name") ? -1 : NEXT(rename)(from, to); }
int mkdirat(int folder, const char *path, mode_t mode) { return fails("name") ? -1 : NEXT(mkdirat)(folder, path, mode); }
int linkat(int a, const char *from, int b, const char *to, int flags) { return fails("name") ? -1 : NEXT(linkat)(a, from, b, to, flags); }
int renameat(int a, const char *from, int b, const char *to) { return fails("name") ? -1 : NEXT(renameat)(a, from, b, to); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
    return fails("name") ? -1 : NEXT(renameat2)(a, from, b, to, flags);
}
int close(int fd) {
    const int failed = fd > 2 && fails("close");
    const int result = NEXT(close)(fd);
    if (!failed) return result;
    errno = EIO;
    return -1;
}

/* Opening for writing only: what is looked for and may be missing is not of interest. */
static int opened(const char *name, int folder, const char *path, int flags, mode_t mode) {
    if ((flags & O_ACCMODE) != O_RDONLY && fails("open")) return -1;
    int (*next)(int, const char *, int, ...) = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, name);
    return next(folder, path, flags, mode);
}
int openat(int folder, const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return opened("openat", folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = va_arg(more, mode_t);
    va_end(more);
    return opened("openat64", folder, path, flags, mode);
}
