// Counts allocations by standing before glibc's own: a program's malloc is used by all its libraries. Everything else about
// them, free included, stays glibc's.

#define _GNU_SOURCE
#include "CUsage.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/resource.h>
#include <time.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

/// A counter for every thread, as long as there are not more threads, each on a cache line of its own.
enum { stripes = 64 };
static struct {
    _Alignas(64) _Atomic int64_t count;
} counters[stripes];
static _Atomic unsigned threads;
static _Thread_local unsigned thread;

static inline void count(void) {
    if (thread == 0) thread = atomic_fetch_add_explicit(&threads, 1, memory_order_relaxed) + 1;
    atomic_fetch_add_explicit(&counters[thread % stripes].count, 1, memory_order_relaxed);
}

void *malloc(size_t size) {
    count();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count();
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
    count();
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
    count();
    void *new = __libc_memalign(alignment, size);
    if (new == NULL) return ENOMEM;
    *block = new;
    return 0;
}

struct usage usage_now(void) {
    struct timespec time = {0};
    struct rusage resources = {0};
    struct usage usage = {0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    getrusage(RUSAGE_SELF, &resources);
    usage.cpu = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
    usage.switches = resources.ru_nvcsw + resources.ru_nivcsw;
    for (int stripe = 0; stripe < stripes; stripe++) {
        usage.mallocs += atomic_load_explicit(&counters[stripe].count, memory_order_relaxed);
    }
    return usage;
}
