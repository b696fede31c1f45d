/**
 * The actions of an app as tools of MCP clients, and its OpenAPI document.
 *
 * @packageDocumentation
 */
export { mcp } from './mcp.ts'
