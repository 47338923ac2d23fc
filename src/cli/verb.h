/*
 * What a verb is: one struct, from which usage, help, man page and completion are
 * printed.
 *
 * To add a verb: write src/cli/verb_<name>.c that ends in `const struct verb
 * verb_<name>`, and add the word to `verbs` in src/cli/meson.build.
 */
#ifndef CLI_VERB_H
#define CLI_VERB_H

#include <stddef.h>

struct cli;

enum option_type {
    OPTION_FLAG, /* int: 1 */
    OPTION_TEXT, /* const char * */
    OPTION_ONE,  /* const char *; a second one that differs is refused: the first would be
                      forgotten, and the answer be a part of what was asked for */
    OPTION_PATH, /* const char *; completed as a file name */
    OPTION_KEY,  /* const char *; completed as the key of a setting */
    OPTION_COUNT,  /* uint64_t */
    OPTION_LIMIT,  /* uint64_t from 1; 0 is that none was given */
    OPTION_INT,    /* int, 0 or more */
    OPTION_CHOICE, /* int: index into `choices` */
    OPTION_KINDS,  /* uint32_t: bit set over enum sillok_kind; a comma list, may repeat */
    OPTION_FLAGS,  /* the same over enum sillok_change_flag */
    OPTION_SECONDS /* int; the value may be left out, which gives -1 */
};

/** An option. A table of them ends with { 0 }. */
struct option_def {
    const char *name; /* long, without dashes */
    char letter;      /* short, or 0 */
    enum option_type type;
    size_t offset;       /* of the value in the struct of arguments */
    const char *arg;     /* what help calls the value; NULL for flags */
    const char *choices; /* "words|side|html" */
    const char *help;    /* one sentence, lower case, no full stop */
};

/** Positional arguments, for completion. */
enum operand { OPERAND_NONE, OPERAND_PATH, OPERAND_VERB, OPERAND_SHELL, OPERAND_SETTING };

/** What a verb can print besides its form for people, bits. */
enum verb_format { VERB_JSON = 1 << 0, VERB_CSV = 1 << 1 };

/** What of the file system a verb touches, bits; the sandbox refuses all else (reach.h).
 * What its library needs stands beside: a store's readers write in its table of readers.
 */
enum verb_reach {
    REACH_STORE = 0,            /* reads the store, as all do that open one */
    REACH_STORE_WRITE = 1 << 0, /* makes and changes files in the store's folder */
    REACH_INPUT = 1 << 1,       /* reads what its operands name, and below */
    REACH_INTO =
        1 << 2, /* writes below its first operand; if that is no folder, as below */
    REACH_BESIDE = 1 << 3, /* writes its first operand, in the folder that it stands in */
    REACH_PAGER = 1 << 4,  /* shows long output through a pager, begun before */
    REACH_CHECKPOINT = 1 << 5, /* reads, and with REACH_STORE_WRITE writes, the file that
                                 the setting checkpoint_copy names */
    REACH_CLIENTS = 1 << 6     /* answers on a socket that is open already */
};

struct verb {
    const char *name;
    const char *synopsis; /* the arguments alone: "OID/AID[@R]" */
    const char *summary;  /* one line for the list of verbs */
    const char *help; /* paragraphs parted by an empty line; filled to width when shown */
    const struct option_def *options; /* NULL: none of its own */
    const char *examples;             /* lines "command|what it does" */
    int min_args, max_args;           /* of positional arguments; max -1: any number */
    enum operand operand;
    const char
        *actions;     /* "init|sign": the first one is such, files behind; NULL: none */
    int formats;      /* enum verb_format */
    unsigned reach;   /* enum verb_reach */
    size_t args_size; /* of the struct that the options fill; all zero at first */
    /** @return an exit code, enum exit_code in cli.h. */
    int (*run)(struct cli *cli, const void *args);
};

/** All verbs in the order of help; ends with NULL. */
extern const struct verb *const all_verbs[];
const struct verb *verb_named(const char *name);
/** Say that there is none of that name, and which may be meant; the exit code. */
int verb_unknown(struct cli *cli, const char *name);

/** Options that every verb takes, the forms of output only where a verb has them; the
 *  values are in struct cli. */
extern const struct option_def global_options[];
/** 1 when @p verb takes @p def, one of its own or of global_options; NULL: any verb does. */
int option_fits(const struct option_def *def, const struct verb *verb);

#endif
