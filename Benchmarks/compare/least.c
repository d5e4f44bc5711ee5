// SPDX-License-Identifier: Apache-2.0
//
// The least work that an import can be: two threads over a mapped file, each ID decoded (and decrypted), looked up in a
// prepared hash table of 16-byte keys, and its profile set in a bitmap. No receipts, no rejected lines, no versions.
//
//   least build KIND IDS.npy WIDTH COUNT TABLE    makes the table from the first COUNT rows of a NumPy array of texts
//   least import KIND LINES TABLE BITMAP [KEY IV] prints the counts as JSON
//
// KIND is sha256, visitor, plain or aes256 (whose table is that of plain).

#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { threadCount = 2, batchSize = 512, widestCipher = 64 };
enum kind { sha256, visitor, plain, aes256 };

struct key { uint64_t low, high; };
struct slot { struct key key; uint32_t number, isUsed; };
struct table { uint64_t slotCount, entryCount; struct slot slots[]; };

static int8_t hexValue[256];

static void fail(const char *what) { perror(what); exit(1); }

static void *map(const char *path, size_t *size) {
    int file = open(path, O_RDONLY);
    struct stat about;
    if (file < 0 || fstat(file, &about) != 0) fail(path);
    void *bytes = mmap(NULL, about.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
    if (bytes == MAP_FAILED) fail(path);
    close(file);
    *size = about.st_size;
    return bytes;
}

static int decodeHex(const uint8_t *text, size_t byteCount, uint8_t *bytes) {
    int bad = 0;
    for (size_t i = 0; i < byteCount; i++) {
        int value = hexValue[text[2 * i]] << 4 | hexValue[text[2 * i + 1]];
        bad |= value;
        bytes[i] = value;
    }
    return bad >= 0;
}

// Not a keyed hash: good enough for an orientation, not for a product.
static struct key hashOf(const uint8_t *text, size_t length) {
    struct key key = { 0x9e3779b97f4a7c15u ^ length, 0xc2b2ae3d27d4eb4fu + length };
    while (length > 0) {
        uint64_t word = 0;
        size_t count = length < 8 ? length : 8;
        memcpy(&word, text, count);
        unsigned __int128 product = (unsigned __int128)(key.low ^ word) * 0x9fb21c651e98df25u;
        key.low = (uint64_t)product ^ (uint64_t)(product >> 64) ^ key.high;
        key.high = (key.high ^ word) * 0xd6e8feb86659fd93u;
        key.high ^= key.high >> 32;
        text += count;
        length -= count;
    }
    return key;
}

// The key of an ID that is not encrypted; 0 when the ID is malformed.
static int keyOf(enum kind kind, const uint8_t *id, size_t length, struct key *key) {
    switch (kind) {
    case sha256: {
        uint8_t digest[32];
        if (length != 64 || !decodeHex(id, 32, digest)) return 0;
        memcpy(key, digest, sizeof *key);
        return 1;
    }
    case visitor: {
        if (length != 38) return 0;
        int bad = 0;
        for (int i = 0; i < 38; i++) bad |= (uint8_t)(id[i] - '0') > 9;
        if (bad) return 0;
        break;
    }
    default:
        if (memchr(id, ':', length)) return 0;
    }
    *key = hashOf(id, length);
    return 1;
}

static uint64_t homeOf(struct key key, uint64_t slotCount) {
    return (unsigned __int128)(key.low * 0x9e3779b97f4a7c15u) * slotCount >> 64;
}

static int build(enum kind kind, const char *idsPath, size_t width, size_t count, const char *tablePath) {
    size_t size;
    const uint8_t *array = map(idsPath, &size);
    const uint8_t *ids = array + 10 + (array[8] | array[9] << 8);
    uint64_t slotCount = count * 3 / 2 + 1;
    size_t byteCount = sizeof(struct table) + slotCount * sizeof(struct slot);
    int file = open(tablePath, O_RDWR | O_CREAT | O_TRUNC, 0644);
    if (file < 0 || ftruncate(file, byteCount) != 0) fail(tablePath);
    struct table *table = mmap(NULL, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (table == MAP_FAILED) fail(tablePath);
    table->slotCount = slotCount;
    table->entryCount = count;
    for (size_t n = 0; n < count; n++) {
        struct key key;
        if (!keyOf(kind, ids + n * width, strnlen((const char *)ids + n * width, width), &key)) continue;
        uint64_t at = homeOf(key, slotCount);
        while (table->slots[at].isUsed) at = at + 1 == slotCount ? 0 : at + 1;
        table->slots[at] = (struct slot){ key, n, 1 };
    }
    return munmap(table, byteCount) != 0 || close(file) != 0;
}

struct share {
    enum kind kind;
    const uint8_t *first, *last;
    const struct table *table;
    _Atomic uint64_t *members, *seen;
    const uint8_t *cipherKey, *iv;
    uint64_t matched, duplicate, unknown, malformed, undecryptable;
};

static int setBit(_Atomic uint64_t *bits, uint64_t position) {
    uint64_t bit = 1ull << (position & 63);
    if (atomic_load_explicit(&bits[position >> 6], memory_order_relaxed) & bit) return 0;
    return !(atomic_fetch_or_explicit(&bits[position >> 6], bit, memory_order_relaxed) & bit);
}

static void resolve(struct share *share, const struct key *keys, int count) {
    uint64_t homes[batchSize];
    const struct table *table = share->table;
    for (int i = 0; i < count; i++) {
        homes[i] = homeOf(keys[i], table->slotCount);
        __builtin_prefetch(&table->slots[homes[i]]);
    }
    for (int i = 0; i < count; i++) {
        uint64_t at = homes[i];
        const struct slot *slot = &table->slots[at];
        while (slot->isUsed && (slot->key.low != keys[i].low || slot->key.high != keys[i].high)) {
            at = at + 1 == table->slotCount ? 0 : at + 1;
            slot = &table->slots[at];
        }
        if (!slot->isUsed) share->unknown++;
        else if (!setBit(share->seen, at)) share->duplicate++;
        else { share->matched++; setBit(share->members, slot->number); }
    }
}

static void *work(void *argument) {
    struct share *share = argument;
    struct key keys[batchSize];
    int count = 0;
    EVP_CIPHER_CTX *context = NULL;
    if (share->kind == aes256) {
        context = EVP_CIPHER_CTX_new();
        EVP_DecryptInit_ex(context, EVP_aes_256_cbc(), NULL, share->cipherKey, share->iv);
        EVP_CIPHER_CTX_set_padding(context, 0);
    }
    for (const uint8_t *line = share->first; line < share->last;) {
        const uint8_t *end = memchr(line, '\n', share->last - line);
        if (!end) end = share->last;
        const uint8_t *tab = memchr(line, '\t', end - line);
        size_t length = (tab ? tab : end) - line;
        if (share->kind != aes256) {
            if (keyOf(share->kind, line, length, &keys[count])) count++;
            else share->malformed++;
        } else {
            uint8_t cipher[widestCipher], text[widestCipher + 16];
            int textLength = 0;
            if (length == 0 || length % 32 != 0 || length > 2 * widestCipher || !decodeHex(line, length / 2, cipher)) {
                share->malformed++;
            } else if (!EVP_DecryptInit_ex(context, NULL, NULL, NULL, share->iv)
                || !EVP_DecryptUpdate(context, text, &textLength, cipher, length / 2)
                || text[textLength - 1] == 0 || text[textLength - 1] > 16) {
                share->undecryptable++;
            } else {
                keys[count++] = hashOf(text, textLength - text[textLength - 1]);
            }
        }
        if (count == batchSize) { resolve(share, keys, count); count = 0; }
        line = end + 1;
    }
    resolve(share, keys, count);
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

static int import(enum kind kind, const char *linesPath, const char *tablePath, const char *bitmapPath, const uint8_t *key, const uint8_t *iv) {
    size_t size, tableSize;
    const struct table *table = map(tablePath, &tableSize);
    const uint8_t *lines = map(linesPath, &size);
    size_t memberBytes = (table->entryCount / 64 + 1) * 8;
    _Atomic uint64_t *members = calloc(1, memberBytes), *seen = calloc(table->slotCount / 64 + 1, 8);
    const uint8_t *middle = memchr(lines + size / 2, '\n', size - size / 2);
    middle = middle ? middle + 1 : lines + size;
    struct share shares[threadCount] = {
        { .kind = kind, .first = lines, .last = middle }, { .kind = kind, .first = middle, .last = lines + size },
    };
    pthread_t threads[threadCount];
    for (int i = 0; i < threadCount; i++) {
        shares[i].table = table; shares[i].members = members; shares[i].seen = seen;
        shares[i].cipherKey = key; shares[i].iv = iv;
        if (pthread_create(&threads[i], NULL, work, &shares[i]) != 0) fail("pthread_create");
    }
    struct share sum = { 0 };
    for (int i = 0; i < threadCount; i++) {
        pthread_join(threads[i], NULL);
        sum.matched += shares[i].matched; sum.duplicate += shares[i].duplicate; sum.unknown += shares[i].unknown;
        sum.malformed += shares[i].malformed; sum.undecryptable += shares[i].undecryptable;
    }
    FILE *bitmap = fopen(bitmapPath, "wb");
    if (!bitmap || fwrite((void *)members, 1, memberBytes, bitmap) != memberBytes || fclose(bitmap) != 0) fail(bitmapPath);
    printf("{\"matched\": %lu, \"duplicate\": %lu, \"unknown\": %lu, \"malformed\": %lu, \"undecryptable\": %lu}\n",
        sum.matched, sum.duplicate, sum.unknown, sum.malformed, sum.undecryptable);
    return 0;
}

int main(int count, char **arguments) {
    memset(hexValue, -1, sizeof hexValue);
    for (int i = 0; i < 16; i++) {
        hexValue[(uint8_t)"0123456789abcdef"[i]] = i;
        hexValue[(uint8_t)"0123456789ABCDEF"[i]] = i;
    }
    static const char *names[] = { "sha256", "visitor", "plain", "aes256" };
    int kind = 0;
    while (count > 2 && kind < 4 && strcmp(arguments[2], names[kind]) != 0) kind++;
    if (count == 7 && kind < 4 && strcmp(arguments[1], "build") == 0)
        return build(kind, arguments[3], strtoul(arguments[4], NULL, 10), strtoul(arguments[5], NULL, 10), arguments[6]);
    if ((count == 6 || count == 8) && kind < 4 && strcmp(arguments[1], "import") == 0) {
        uint8_t key[32] = { 0 }, iv[16] = { 0 };
        if (count == 8 && !(decodeHex((uint8_t *)arguments[6], 32, key) && decodeHex((uint8_t *)arguments[7], 16, iv))) return 2;
        return import(kind, arguments[3], arguments[4], arguments[5], key, iv);
    }
    fprintf(stderr, "usage: least build KIND IDS.npy WIDTH COUNT TABLE | least import KIND LINES TABLE BITMAP [KEY IV]\n");
    return 2;
}
