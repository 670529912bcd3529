/* master/report/style.h - the style sheet of status.html.
 *
 * Place:   html -> here.
 * Rule:    the page allows this one sheet by its hash and nothing else, so that no name of a
 *          file can bring a style or a script of its own. Whoever changes the sheet changes the
 *          hash: tests/unit/test_report says the new one.
 * Source:  Content Security Policy Level 3, hash-source.
 */
#ifndef MASTER_REPORT_STYLE_H
#define MASTER_REPORT_STYLE_H

extern const char report_style[];
extern const char report_style_hash[]; /* base64 of its SHA-256 */

#endif
