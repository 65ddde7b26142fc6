/* SPDX-License-Identifier: MIT */
/*
 * t5_tokens.cpp - a text as T5's token ids. The only file that sees
 * SentencePiece; nothing that it throws gets out.
 */
#include "tokens/t5_tokens.h"

extern "C" {
#include "base/alloc.h"
#include "base/error.h"
}

#ifdef EXPCLIP_HAVE_SENTENCEPIECE

#include <sentencepiece_processor.h>

#include <memory>
#include <new>
#include <string>
#include <vector>

struct expclip__t5_tokens {
    sentencepiece::SentencePieceProcessor processor;
    std::string path;
};

/* What is thrown in it becomes a status. */
template <typename Work>
static expclip_status guard(const char *path, expclip_error *err, Work work)
{
    try {
        return work();
    } catch (const std::bad_alloc &) {
        return expclip__fail_memory(err, "tokenizer");
    } catch (const std::exception &e) {
        return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "%s: %s", path,
                             e.what());
    } catch (...) {
        return expclip__fail(err, EXPCLIP_ERROR_INTERNAL,
                             "%s: unknown exception", path);
    }
}

static expclip_status load(expclip__t5_tokens *t, const char *path,
                           expclip_error *err)
{
    const sentencepiece::util::Status status = t->processor.Load(path);

    t->path = path;
    if (status.ok())
        return EXPCLIP_OK;
    return expclip__fail(err,
                         status.code() ==
                                 sentencepiece::util::StatusCode::kNotFound
                             ? EXPCLIP_ERROR_NOT_FOUND
                             : EXPCLIP_ERROR_FORMAT,
                         "%s: %s", path, status.message());
}

expclip_status expclip__t5_tokens_load(expclip__t5_tokens **out,
                                       const char *path, expclip_error *err)
{
    return guard(path, err, [&] {
        std::unique_ptr<expclip__t5_tokens> t(new expclip__t5_tokens);
        const expclip_status status = load(t.get(), path, err);

        if (!status)
            *out = t.release();
        return status;
    });
}

void expclip__t5_tokens_free(expclip__t5_tokens *t)
{
    delete t;
}

size_t expclip__t5_tokens_count(const expclip__t5_tokens *t)
{
    return static_cast<size_t>(t->processor.GetPieceSize());
}

static expclip_status copy_ids(int32_t **out, size_t *n_ids,
                               const std::vector<int> &ids, int end,
                               expclip_error *err)
{
    int32_t *copy;

    if (ids.empty() || end < 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "text: no token in it");
    copy =
        static_cast<int32_t *>(expclip__alloc(ids.size() + 1, sizeof(*copy)));
    if (!copy)
        return expclip__fail_memory(err, "text");
    for (size_t i = 0; i < ids.size(); i++)
        copy[i] = ids[i];
    copy[ids.size()] = end;
    *out = copy;
    *n_ids = ids.size() + 1;
    return EXPCLIP_OK;
}

expclip_status expclip__t5_tokens_encode(int32_t **ids, size_t *n_ids,
                                         const expclip__t5_tokens *t,
                                         const char *text, expclip_error *err)
{
    return guard(t->path.c_str(), err, [&] {
        std::vector<int> found;
        const sentencepiece::util::Status status =
            t->processor.Encode(text, &found);

        if (!status.ok())
            return expclip__fail(err, EXPCLIP_ERROR_FORMAT, "text: %s",
                                 status.message());
        return copy_ids(ids, n_ids, found, t->processor.eos_id(), err);
    });
}

#else

expclip_status expclip__t5_tokens_load(expclip__t5_tokens **, const char *,
                                       expclip_error *err)
{
    return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                         "tokenizer: this build has no SentencePiece; build "
                         "it where libsentencepiece-dev is installed");
}

void expclip__t5_tokens_free(expclip__t5_tokens *)
{
}

size_t expclip__t5_tokens_count(const expclip__t5_tokens *)
{
    return 0;
}

expclip_status expclip__t5_tokens_encode(int32_t **, size_t *,
                                         const expclip__t5_tokens *,
                                         const char *, expclip_error *err)
{
    return expclip__fail(err, EXPCLIP_ERROR_UNSUPPORTED,
                         "tokenizer: this build has no SentencePiece");
}

#endif
