#include <stdint.h>

/// What the process has used up since it began.
struct usage {
    /// Nanoseconds of CPU, of all threads, user and system.
    int64_t cpu;
    /// Blocks of memory that were asked for, growing ones again included.
    int64_t mallocs;
    /// Times that a thread gave up its core to wait, or lost it to another.
    int64_t switches;
};

struct usage usage_now(void);
