/* Every allocation of the library goes through these, which count, and fail on demand. */
#include <stddef.h>

void *counted_malloc(size_t size);
void *counted_calloc(size_t count, size_t size);
void *counted_realloc(void *old, size_t size);
char *counted_strdup(const char *text);
char *counted_strndup(const char *text, size_t most);
void counted_free(void *block);
