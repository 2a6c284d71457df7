/* Included before the library's files. */
#include <stdlib.h>
#include <string.h>
#include "memory.h"
#undef strdup
#undef strndup
#define malloc counted_malloc
#define calloc counted_calloc
#define realloc counted_realloc
#define strdup counted_strdup
#define strndup counted_strndup
#define free counted_free
