/* SPDX-License-Identifier: MIT */
/*
 * api_classes.c - prompts and classes.
 */
#include "api/check.h"
#include "base/error.h"
#include "expression/classes.h"

/* ---- prompts ---- */

expclip_status expclip_prompts_create(expclip_prompts **out, expclip_error *err)
{
    expclip_status status = expclip__check_pointer(out, "out", err);

    return expclip__returned(
        status ? status : expclip__prompts_create(out, err), err);
}

expclip_status expclip_prompts_builtin(expclip_prompts **out, const char *set,
                                       int32_t n_classes, expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(set, "set", err)))
        return status;
    return expclip__returned(expclip__prompts_builtin(out, set, n_classes, err),
                             err);
}

expclip_status expclip_prompts_load(expclip_prompts **out, const char *path,
                                    expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(path, "path", err)))
        return status;
    return expclip__returned(expclip__prompts_load(out, path, err), err);
}

expclip_status expclip_prompts_add(expclip_prompts *prompts,
                                   const char *class_name, const char *prompt,
                                   expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(prompts, "prompts", err)) ||
        (status = expclip__check_pointer(class_name, "class_name", err)) ||
        (status = expclip__check_pointer(prompt, "prompt", err)))
        return status;
    return expclip__returned(
        expclip__prompts_add(prompts, class_name, prompt, err), err);
}

expclip_status expclip_prompts_add_class(expclip_prompts *prompts,
                                         const char *class_name,
                                         const char *set_or_template,
                                         expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(prompts, "prompts", err)) ||
        (status = expclip__check_pointer(class_name, "class_name", err)) ||
        (status =
             expclip__check_pointer(set_or_template, "set_or_template", err)))
        return status;
    return expclip__returned(
        expclip__prompts_add_class(prompts, class_name, set_or_template, err),
        err);
}

size_t expclip_prompts_class_count(const expclip_prompts *prompts)
{
    return prompts ? prompts->n_classes : 0;
}

/* NULL when there is none. */
static const expclip__class_prompts *find_class(const expclip_prompts *prompts,
                                                size_t class_index)
{
    return prompts && class_index < prompts->n_classes
               ? &prompts->classes[class_index]
               : NULL;
}

const char *expclip_prompts_class_name(const expclip_prompts *prompts,
                                       size_t class_index)
{
    const expclip__class_prompts *found = find_class(prompts, class_index);

    return found ? found->name : "";
}

size_t expclip_prompts_count(const expclip_prompts *prompts, size_t class_index)
{
    const expclip__class_prompts *found = find_class(prompts, class_index);

    return found ? found->n_prompts : 0;
}

const char *expclip_prompts_text(const expclip_prompts *prompts,
                                 size_t class_index, size_t index)
{
    const expclip__class_prompts *found = find_class(prompts, class_index);

    return found && index < found->n_prompts ? found->prompts[index] : "";
}

void expclip_prompts_free(expclip_prompts *prompts)
{
    expclip__prompts_free(prompts);
}

/* ---- classes ---- */

static expclip_status check_create(expclip_classes_options *o,
                                   const expclip_prompts *prompts,
                                   expclip_error *err)
{
    if (o->pooling != EXPCLIP_POOLING_LOGITS &&
        o->pooling != EXPCLIP_POOLING_EMBEDDINGS)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "pooling: %d, expected 0 (logits) or 1 "
                             "(embeddings)",
                             (int)o->pooling);
    if (prompts->n_classes == 0)
        return expclip__fail(err, EXPCLIP_ERROR_ARGUMENT,
                             "prompts: no classes, expected at least one");
    return expclip__check_reserved(o->reserved, err);
}

expclip_status expclip_classes_create(expclip_classes **out,
                                      const expclip_model *model,
                                      const expclip_prompts *prompts,
                                      const expclip_classes_options *options,
                                      const expclip_cancel *cancel,
                                      expclip_error *err)
{
    expclip_classes_options o = EXPCLIP_CLASSES_OPTIONS_INIT;
    expclip_prompts *copy = NULL;
    expclip_model *held;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(model, "model", err)) ||
        (status = expclip__check_pointer(prompts, "prompts", err)) ||
        (status =
             expclip__check_options(&o, sizeof(o), options, "options", err)) ||
        (status = check_create(&o, prompts, err)) ||
        (status = expclip__prompts_copy(&copy, prompts, err)))
        return status;
    held = expclip__model_retain(model);
    status = expclip__classes_create(out, held, copy, o.pooling, cancel, err);
    expclip__model_release(held);
    if (status)
        expclip__prompts_free(copy);
    return expclip__returned(status, err);
}

expclip_status expclip_classes_select(expclip_classes **out,
                                      const expclip_classes *classes,
                                      const expclip_prompts *prompts,
                                      const expclip_classes_options *options,
                                      expclip_error *err)
{
    expclip_classes_options o = EXPCLIP_CLASSES_OPTIONS_INIT;
    expclip_prompts *copy = NULL;
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(classes, "classes", err)) ||
        (status = expclip__check_pointer(prompts, "prompts", err)) ||
        (status =
             expclip__check_options(&o, sizeof(o), options, "options", err)) ||
        (status = check_create(&o, prompts, err)) ||
        (status = expclip__prompts_copy(&copy, prompts, err)))
        return status;
    status = expclip__classes_select(out, classes, copy, o.pooling, err);
    if (status)
        expclip__prompts_free(copy);
    return expclip__returned(status, err);
}

expclip_status expclip_classes_save(const expclip_classes *classes,
                                    const char *path, expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(classes, "classes", err)) ||
        (status = expclip__check_pointer(path, "path", err)))
        return status;
    return expclip__returned(expclip__classes_save(classes, path, err), err);
}

expclip_status expclip_classes_load(expclip_classes **out, const char *path,
                                    expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(path, "path", err)))
        return status;
    return expclip__returned(expclip__classes_load(out, path, err), err);
}

size_t expclip_classes_count(const expclip_classes *classes)
{
    return classes ? classes->prompts->n_classes : 0;
}

const char *expclip_classes_name(const expclip_classes *classes, size_t index)
{
    return classes ? expclip_prompts_class_name(classes->prompts, index) : "";
}

expclip_status expclip_classes_prompts(expclip_prompts **out,
                                       const expclip_classes *classes,
                                       expclip_error *err)
{
    expclip_status status;

    if ((status = expclip__check_pointer(out, "out", err)) ||
        (status = expclip__check_pointer(classes, "classes", err)))
        return status;
    return expclip__returned(expclip__prompts_copy(out, classes->prompts, err),
                             err);
}

size_t expclip_classes_truncated_count(const expclip_classes *classes)
{
    return classes ? classes->n_truncated : 0;
}

int32_t expclip_classes_dim(const expclip_classes *classes)
{
    return classes ? classes->dim : 0;
}

const char *expclip_classes_model_fingerprint(const expclip_classes *classes)
{
    return classes ? classes->fingerprint : "";
}

void expclip_classes_free(expclip_classes *classes)
{
    expclip__classes_free(classes);
}
