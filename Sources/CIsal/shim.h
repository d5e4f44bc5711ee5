#include <isa-l/igzip_lib.h>

/* The size of the working memory that compression at level 1 wants; the macro is too involved for Swift to import. */
static inline uint32_t isal_level1_buffer_byte_count(void) { return ISAL_DEF_LVL1_DEFAULT; }
