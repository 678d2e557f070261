'use strict'

const others = new Set()
const maker = /\bcreate\s+(?:database|schema)\s+(?:if\s+not\s+exists\s+)?(?:`([^`]+)`|([\w$]+))/giu

/**
 * Whether a text names a table in another database than the main one, such as Drizzle's `mySchema`.`users`. The group of the mode
 * `sharded` holds the main database only, and the same names stand for other tables there: sherd would refuse them.
 */
function namesElsewhere(sql, main) {
  for (const [, quoted, plain] of sql.matchAll(maker)) others.add(quoted ?? plain)
  return [...others].some(
    (name) => name !== main && (sql.includes(`\`${name}\`.`) || sql.includes(` ${name}.`)),
  )
}

module.exports = { namesElsewhere }
