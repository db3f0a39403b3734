/* Faults in input and output, injected below a folder: preload it into a program (LD_PRELOAD).
 *
 * It counts every call that changes something on disk, over all threads, forked and executed
 * processes, and at the n-th kills the process, tears the write, or fails with an error number.
 * What it is told and what it counts is in a file that all of those processes map (struct order,
 * `injector.py` has the same layout), named by the environment variable FAULT_ORDER.
 *
 * SQLite's -shm is left out: it is memory that processes share, rebuilt whenever the first opens.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT = 0, KILL = 1, TEAR = 2, FAIL = 3 };

struct order {
  int32_t armed, kind, error, forever;
  int64_t at, count, fired;
  char folder[1024], log[1024];
};

static struct order idle, *order = &idle;

__attribute__((constructor)) static void attach(void) {
  const char *file = getenv("FAULT_ORDER");
  if (!file) return;
  int fd = syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return;
  void *map = mmap(NULL, sizeof idle, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map != MAP_FAILED) order = map;
  syscall(SYS_close, fd);
}

static int is_below(const char *path) {
  size_t length = strlen(order->folder), whole = strlen(path);
  if (strncmp(path, order->folder, length) || (path[length] && path[length] != '/')) return 0;
  return !(whole > 4 && !strcmp(path + whole - 4, "-shm"));
}

/* Whether `path`, seen from the folder `fd`, is below the folder; its name goes to `full`. */
static int at_below(int fd, const char *path, char *full) {
  if (!order->armed || !path) return 0;
  if (path[0] == '/') {
    snprintf(full, 4096, "%s", path);
  } else {
    char link[64], base[2048];
    snprintf(link, sizeof link, fd == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, base, sizeof base - 1);
    if (n < 0) return 0;
    base[n] = 0;
    snprintf(full, 4096, "%s/%s", base, path);
  }
  return is_below(full);
}

static int fd_below(int fd, char *full) {
  if (!order->armed) return 0;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, full, 4095);
  if (n < 0) return 0;
  full[n] = 0;
  return is_below(full);
}

static void die(void) {
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

/* A disk that is full still lets files go and syncs what it has. */
static int can_fail(const char *what) {
  if (order->error != ENOSPC) return 1;
  return strcmp(what, "unlink") && strcmp(what, "rmdir") && strcmp(what, "fsync") &&
         strcmp(what, "chmod");
}

static void note(int64_t n, const char *what, const char *path) {
  char line[4400];
  int length = snprintf(line, sizeof line, "%ld\t%s\t%s\n", (long)n, what, path);
  int fd = syscall(SYS_openat, AT_FDCWD, order->log, O_WRONLY | O_APPEND | O_CREAT, 0644);
  syscall(SYS_write, fd, line, length);
  syscall(SYS_close, fd);
}

/* What is to become of this call: COUNT lets it pass, FAIL has set errno; KILL never returns. */
static int verdict(const char *what, const char *path) {
  int64_t n = __atomic_add_fetch(&order->count, 1, __ATOMIC_SEQ_CST);
  if (order->log[0]) note(n, what, path);
  if (order->kind == COUNT || (order->forever ? n < order->at : n != order->at)) return COUNT;
  if (order->kind == FAIL && !can_fail(what)) return COUNT;
  __atomic_add_fetch(&order->fired, 1, __ATOMIC_SEQ_CST);
  if (order->kind == KILL) die();
  if (order->kind == TEAR) return TEAR;
  errno = order->error;
  return FAIL;
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* A call that changes something as a whole: it happens, or it does not. */
#define WHOLE(below, what, failed) \
  if (below) { \
    int v = verdict(what, full); \
    if (v == TEAR) die(); \
    if (v == FAIL) return failed; \
  }

/* A write: torn, half of it happens. A disk that fills up takes half of the first one too. */
#define PART(name, params, all, half) \
  ssize_t name params { \
    REAL(name); \
    char full[4096]; \
    if (fd_below(fd, full)) { \
      int v = verdict("write", full); \
      if (v == TEAR) { if (size > 1) real half; die(); } \
      if (v == FAIL && order->forever && order->error == ENOSPC && order->fired == 1 && size > 1) \
        return real half; \
      if (v == FAIL) return -1; \
    } \
    return real all; \
  }

PART(write, (int fd, const void *data, size_t size), (fd, data, size), (fd, data, size / 2))
PART(pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at),
     (fd, data, size / 2, at))
PART(pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at),
     (fd, data, size / 2, at))
PART(writev, (int fd, const struct iovec *data, int size), (fd, data, size),
     (fd, data, size / 2))
PART(pwritev, (int fd, const struct iovec *data, int size, off_t at), (fd, data, size, at),
     (fd, data, size / 2, at))
PART(pwritev64, (int fd, const struct iovec *data, int size, off64_t at), (fd, data, size, at),
     (fd, data, size / 2, at))
PART(copy_file_range,
     (int from, off64_t *start, int fd, off64_t *at, size_t size, unsigned flags),
     (from, start, fd, at, size, flags), (from, start, fd, at, size / 2, flags))
PART(sendfile, (int fd, int from, off_t *start, size_t size), (fd, from, start, size),
     (fd, from, start, size / 2))
PART(sendfile64, (int fd, int from, off64_t *start, size_t size), (fd, from, start, size),
     (fd, from, start, size / 2))

#define BY_FD(name, what, params, arguments, failed) \
  int name params { \
    REAL(name); \
    char full[4096]; \
    WHOLE(fd_below(fd, full), what, failed) \
    return real arguments; \
  }

BY_FD(fsync, "fsync", (int fd), (fd), -1)
BY_FD(fdatasync, "fsync", (int fd), (fd), -1)
BY_FD(ftruncate, "truncate", (int fd, off_t size), (fd, size), -1)
BY_FD(ftruncate64, "truncate", (int fd, off64_t size), (fd, size), -1)
BY_FD(fallocate, "allocate", (int fd, int mode, off_t at, off_t size), (fd, mode, at, size), -1)
BY_FD(fallocate64, "allocate", (int fd, int mode, off64_t at, off64_t size),
      (fd, mode, at, size), -1)
BY_FD(posix_fallocate, "allocate", (int fd, off_t at, off_t size), (fd, at, size), errno)
BY_FD(posix_fallocate64, "allocate", (int fd, off64_t at, off64_t size), (fd, at, size), errno)
BY_FD(fchmod, "chmod", (int fd, mode_t mode), (fd, mode), -1)

#define BY_NAME(name, what, params, at, path, arguments) \
  int name params { \
    REAL(name); \
    char full[4096]; \
    WHOLE(at_below(at, path, full), what, -1) \
    return real arguments; \
  }

BY_NAME(rename, "rename", (const char *a, const char *b), AT_FDCWD, b, (a, b))
BY_NAME(renameat, "rename", (int f, const char *a, int g, const char *b), g, b, (f, a, g, b))
BY_NAME(renameat2, "rename", (int f, const char *a, int g, const char *b, unsigned flags), g, b,
        (f, a, g, b, flags))
BY_NAME(link, "link", (const char *a, const char *b), AT_FDCWD, b, (a, b))
BY_NAME(linkat, "link", (int f, const char *a, int g, const char *b, int flags), g, b,
        (f, a, g, b, flags))
BY_NAME(symlink, "link", (const char *a, const char *b), AT_FDCWD, b, (a, b))
BY_NAME(symlinkat, "link", (const char *a, int g, const char *b), g, b, (a, g, b))
BY_NAME(unlink, "unlink", (const char *a), AT_FDCWD, a, (a))
BY_NAME(unlinkat, "unlink", (int f, const char *a, int flags), f, a, (f, a, flags))
BY_NAME(remove, "unlink", (const char *a), AT_FDCWD, a, (a))
BY_NAME(rmdir, "rmdir", (const char *a), AT_FDCWD, a, (a))
BY_NAME(mkdir, "mkdir", (const char *a, mode_t mode), AT_FDCWD, a, (a, mode))
BY_NAME(mkdirat, "mkdir", (int f, const char *a, mode_t mode), f, a, (f, a, mode))
BY_NAME(truncate, "truncate", (const char *a, off_t size), AT_FDCWD, a, (a, size))
BY_NAME(truncate64, "truncate", (const char *a, off64_t size), AT_FDCWD, a, (a, size))
BY_NAME(chmod, "chmod", (const char *a, mode_t mode), AT_FDCWD, a, (a, mode))
BY_NAME(fchmodat, "chmod", (int f, const char *a, mode_t mode, int flags), f, a,
        (f, a, mode, flags))

/* A read-only disk says so to those who ask whether they may write. */
static int may_not(int at, const char *path, int mode) {
  char full[4096];
  return (mode & W_OK) && order->kind == FAIL && order->error == EROFS &&
         order->count + 1 >= order->at && at_below(at, path, full);
}

int access(const char *path, int mode) {
  REAL(access);
  if (may_not(AT_FDCWD, path, mode)) return errno = EROFS, -1;
  return real(path, mode);
}

int faccessat(int at, const char *path, int mode, int flags) {
  REAL(faccessat);
  if (may_not(at, path, mode)) return errno = EROFS, -1;
  return real(at, path, mode, flags);
}

/* Opening a file changes something if it makes or empties one. */
static int makes(int at, const char *path, int flags, char *full) {
  if (!(flags & (O_CREAT | O_TRUNC)) || !at_below(at, path, full)) return 0;
  return (flags & O_TRUNC) || faccessat(AT_FDCWD, full, F_OK, 0) != 0;
}

#define MODE \
  mode_t mode = 0; \
  if (flags & (O_CREAT | __O_TMPFILE)) { \
    va_list more; \
    va_start(more, flags); \
    mode = va_arg(more, int); \
    va_end(more); \
  }

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(name); \
    char full[4096]; \
    MODE \
    WHOLE(makes(AT_FDCWD, path, flags, full), "open", -1) \
    return real(path, flags, mode); \
  }
#define OPEN_AT(name) \
  int name(int f, const char *path, int flags, ...) { \
    REAL(name); \
    char full[4096]; \
    MODE \
    WHOLE(makes(f, path, flags, full), "open", -1) \
    return real(f, path, flags, mode); \
  }
OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)

#define STREAM(name) \
  FILE *name(const char *path, const char *mode) { \
    REAL(name); \
    char full[4096]; \
    int flags = mode[0] == 'w' ? O_TRUNC : mode[0] == 'a' ? O_CREAT : 0; \
    WHOLE(makes(AT_FDCWD, path, flags, full), "open", NULL) \
    return real(path, mode); \
  }
STREAM(fopen)
STREAM(fopen64)
