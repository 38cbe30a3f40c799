/* test_sql.c - the text of the statements, as every SQL engine gets it. That they run is the contract suite's business. */
#include "harness.h"

#include "base/buf.h"
#include "base/check.h"
#include "store/schema.h"
#include "store/sql.h"

static void statements_are_built_from_the_fields(void **state)
{
    static const struct {
        enum sql_op op;
        int which;
        const char *sql;
    } rows[] = {
        { SQL_PUT, ROW_SYMBOL,
          "INSERT INTO \"symbol_row\"(\"id\", \"text\") VALUES($1, $2)"
          " ON CONFLICT(\"id\") DO UPDATE SET \"text\" = excluded.\"text\"" },
        { SQL_PUT, ROW_HOLDER,
          "INSERT INTO \"holder\"(\"incident\", \"role\", \"person\", \"since_wall\", \"by\")"
          " VALUES($1, $2, $3, $4, $5) ON CONFLICT(\"incident\", \"role\") DO UPDATE SET"
          " \"person\" = excluded.\"person\", \"since_wall\" = excluded.\"since_wall\", \"by\" = excluded.\"by\"" },
        { SQL_DELETE, ROW_TIMER,
          "DELETE FROM \"timer\" WHERE \"subject\" = $1 AND \"on\" = $2 AND \"kind\" = $3"
          " AND \"rule\" = $4" },
        { SQL_GET, ROW_COUNTER, "SELECT \"id\", \"last\" FROM \"counter\" WHERE \"id\" = $1" },
        { SQL_ALL, ROW_COUNTER, "SELECT \"id\", \"last\" FROM \"counter\" ORDER BY \"id\"" },
        { SQL_LOAD, ROW_COUNTER, "SELECT \"id\", \"last\" FROM \"counter\"" },
        { SQL_LIST, STORE_HOLDERS,
          "SELECT \"incident\", \"role\", \"person\", \"since_wall\", \"by\" FROM \"holder\""
          " WHERE \"incident\" = $1 AND \"role\" > $2 ORDER BY \"role\" LIMIT $3" },
        { SQL_LIST, STORE_SILENCES_ACTIVE,
          "SELECT \"id\", \"starts_wall\", \"ends_wall\", \"updated_wall\", \"by\","
          " \"comment\", \"ended\", \"text\" FROM \"silence\" WHERE \"id\" < $1 AND \"ended\" = 0 ORDER BY \"id\" DESC"
          " LIMIT $2" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf sql = { 0 };
        assert_true(sql_build(rows[i].op, rows[i].which, &sql));
        assert_string_equal(buf_str(&sql), rows[i].sql);
        buf_release(&sql);
    }
}

static void what_has_no_statement_says_so(void **state)
{
    static const struct {
        enum sql_op op;
        int which;
    } rows[] = {
        { SQL_PUT, ROW_UNSET }, { SQL_PUT, ROW_KIND_MAX },    { SQL_PUT, -1 },   { SQL_LIST, STORE_LIST_MAX },
        { SQL_LIST, -1 },       { SQL_FIXED, SQL_FIXED_MAX }, { SQL_OP_MAX, 1 },
    };
    struct buf sql = { 0 };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) assert_false(sql_build(rows[i].op, rows[i].which, &sql));
    assert_int_equal(sql.len, 0);
}

static void no_statement_is_bound_to_one_engine(void **state)
{
    static const struct slice words[] = { { "?", 1 },      { "OR REPLACE", 10 },
                                          { "rowid", 5 },  { "AUTOINCREMENT", 13 },
                                          { "IFNULL", 6 }, { "@", 1 } };
    (void)state;
    for (int op = 0; op < SQL_OP_MAX; op++)
        for (int which = 0; which < SQL_WHICH_MAX; which++) {
            struct buf sql = { 0 };
            sql_build((enum sql_op)op, which, &sql);
            for (size_t i = 0; i < COUNT_OF(words); i++)
                if (slice_find_nocase(buf_slice(&sql), words[i]) < sql.len) fail_msg("%s in %s", words[i].p, sql.p);
            buf_release(&sql);
        }
}

static void the_schema_takes_each_engines_words(void **state)
{
    static const char text[] = "CREATE TABLE t(a @int NOT NULL, b @bytes) @strict;"
                               "CREATE TABLE u(a @int, b @int, PRIMARY KEY(a, b)) @clustered;";
    static const struct schema_words postgres = { .integer = "BIGINT", .bytes = "BYTEA", .strict = "", .clustered = "" };
    struct buf sqlite = { 0 }, other = { 0 };
    (void)state;
    schema_expand(text, &schema_words_sqlite, &sqlite);
    schema_expand(text, &postgres, &other);
    assert_string_equal(buf_str(&sqlite), "CREATE TABLE t(a INTEGER NOT NULL, b BLOB) STRICT;"
                                         "CREATE TABLE u(a INTEGER, b INTEGER, PRIMARY KEY(a, b)) STRICT, WITHOUT ROWID;");
    assert_string_equal(buf_str(&other), "CREATE TABLE t(a BIGINT NOT NULL, b BYTEA) ;"
                                        "CREATE TABLE u(a BIGINT, b BIGINT, PRIMARY KEY(a, b)) ;");
    buf_release(&sqlite);
    buf_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_are_built_from_the_fields),
        cmocka_unit_test(what_has_no_statement_says_so),
        cmocka_unit_test(no_statement_is_bound_to_one_engine),
        cmocka_unit_test(the_schema_takes_each_engines_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
