package spec

// kind describes one kind of object of OpenAPI 3.0: its fields, each with the shape of its value.
//
// A shape is a type of scalar (string, boolean, number, count, any), the name of a kind, "[shape]" for an array,
// "{shape}" for an object with keys of its own, or "shape|shape".
type kind struct {
	fields   map[string]string
	required []string
	// referable objects may be a $ref instead.
	referable bool
}

var kinds = map[string]kind{
	"document": {
		fields: map[string]string{"openapi": "string", "info": "info", "servers": "[server]", "paths": "{pathItem}", "components": "components",
			"security": "[{[string]}]", "tags": "[tag]", "externalDocs": "externalDocs"},
		required: []string{"openapi", "info", "paths"},
	},
	"info": {
		fields: map[string]string{"title": "string", "description": "string", "termsOfService": "string", "contact": "contact",
			"license": "license", "version": "string"},
		required: []string{"title", "version"},
	},
	"contact":      {fields: map[string]string{"name": "string", "url": "string", "email": "string"}},
	"license":      {fields: map[string]string{"name": "string", "url": "string"}, required: []string{"name"}},
	"externalDocs": {fields: map[string]string{"description": "string", "url": "string"}, required: []string{"url"}},
	"server": {
		fields:   map[string]string{"url": "string", "description": "string", "variables": "{serverVariable}"},
		required: []string{"url"},
	},
	"serverVariable": {
		fields:   map[string]string{"enum": "[string]", "default": "string", "description": "string"},
		required: []string{"default"},
	},
	"tag": {
		fields:   map[string]string{"name": "string", "description": "string", "externalDocs": "externalDocs"},
		required: []string{"name"},
	},
	"components": {fields: map[string]string{"schemas": "{schema}", "responses": "{response}", "parameters": "{parameter}",
		"examples": "{example}", "requestBodies": "{requestBody}", "headers": "{header}", "securitySchemes": "{securityScheme}",
		"links": "{link}", "callbacks": "{{pathItem}}"}},
	"pathItem": {fields: map[string]string{"summary": "string", "description": "string", "servers": "[server]", "parameters": "[parameter]",
		"get": "operation", "put": "operation", "post": "operation", "delete": "operation", "options": "operation", "head": "operation",
		"patch": "operation", "trace": "operation"}},
	"operation": {
		fields: map[string]string{"tags": "[string]", "summary": "string", "description": "string", "externalDocs": "externalDocs",
			"operationId": "string", "parameters": "[parameter]", "requestBody": "requestBody", "responses": "{response}",
			"callbacks": "{{pathItem}}", "deprecated": "boolean", "security": "[{[string]}]", "servers": "[server]"},
		required: []string{"operationId", "summary", "description", "tags", "responses"},
	},
	"parameter": {
		fields: map[string]string{"name": "string", "in": "string", "description": "string", "required": "boolean", "deprecated": "boolean",
			"allowEmptyValue": "boolean", "style": "string", "explode": "boolean", "allowReserved": "boolean", "schema": "schema",
			"example": "any", "examples": "{example}", "content": "{mediaType}"},
		required:  []string{"name", "in", "description"},
		referable: true,
	},
	"header": {
		fields: map[string]string{"description": "string", "required": "boolean", "deprecated": "boolean", "style": "string",
			"explode": "boolean", "schema": "schema", "example": "any", "examples": "{example}", "content": "{mediaType}"},
		required:  []string{"description"},
		referable: true,
	},
	"requestBody": {
		fields:    map[string]string{"description": "string", "content": "{mediaType}", "required": "boolean"},
		required:  []string{"content"},
		referable: true,
	},
	"mediaType": {fields: map[string]string{"schema": "schema", "example": "any", "examples": "{example}", "encoding": "{encoding}"},
		required: []string{"schema"}},
	"encoding": {fields: map[string]string{"contentType": "string", "headers": "{header}", "style": "string", "explode": "boolean",
		"allowReserved": "boolean"}},
	"response": {
		fields:    map[string]string{"description": "string", "headers": "{header}", "content": "{mediaType}", "links": "{link}"},
		required:  []string{"description"},
		referable: true,
	},
	"example": {
		fields:    map[string]string{"summary": "string", "description": "string", "value": "any", "externalValue": "string"},
		referable: true,
	},
	"link": {
		fields: map[string]string{"operationRef": "string", "operationId": "string", "parameters": "{any}", "requestBody": "any",
			"description": "string", "server": "server"},
		referable: true,
	},
	"securityScheme": {
		fields: map[string]string{"type": "string", "description": "string", "name": "string", "in": "string", "scheme": "string",
			"bearerFormat": "string", "flows": "flows", "openIdConnectUrl": "string"},
		required:  []string{"type"},
		referable: true,
	},
	"flows": {fields: map[string]string{"implicit": "flow", "password": "flow", "clientCredentials": "flow", "authorizationCode": "flow"}},
	"flow": {
		fields:   map[string]string{"authorizationUrl": "string", "tokenUrl": "string", "refreshUrl": "string", "scopes": "{string}"},
		required: []string{"scopes"},
	},
	"schema": {
		fields: map[string]string{"title": "string", "description": "string", "type": "string", "format": "string", "enum": "[any]",
			"default": "any", "example": "any", "nullable": "boolean", "deprecated": "boolean", "readOnly": "boolean", "writeOnly": "boolean",
			"multipleOf": "number", "maximum": "number", "minimum": "number", "exclusiveMaximum": "boolean", "exclusiveMinimum": "boolean",
			"maxLength": "count", "minLength": "count", "pattern": "string", "maxItems": "count", "minItems": "count", "uniqueItems": "boolean",
			"maxProperties": "count", "minProperties": "count", "required": "[string]", "properties": "{schema}",
			"additionalProperties": "boolean|schema", "items": "schema", "allOf": "[schema]", "oneOf": "[schema]", "anyOf": "[schema]",
			"not": "schema", "discriminator": "discriminator", "xml": "xml", "externalDocs": "externalDocs"},
		referable: true,
	},
	"discriminator": {fields: map[string]string{"propertyName": "string", "mapping": "{string}"}, required: []string{"propertyName"}},
	"xml":           {fields: map[string]string{"name": "string", "namespace": "string", "prefix": "string", "attribute": "boolean", "wrapped": "boolean"}},
}

// extensions are the ones that this project gives a meaning, with the shapes of their values. Others pass unless they
// look like a slip of one of these.
var extensions = map[string]string{
	"x-page": "string", "x-addition": "string",
	"x-rule": "string", "x-rule-field": "string", "x-rule-reads": "[string]", "x-rule-message": "string", "x-rules": "[any]",
	"x-pattern-message": "string", "x-ignored": "string",
	"x-enum-varnames": "[string]", "x-order": "number", "x-go-type-name": "string", "x-go-name": "string",
}

// componentOf names the section of components that holds each kind of referable object.
var componentOf = map[string]string{
	"schema": "schemas", "response": "responses", "parameter": "parameters", "example": "examples", "requestBody": "requestBodies",
	"header": "headers", "securityScheme": "securitySchemes", "link": "links",
}
