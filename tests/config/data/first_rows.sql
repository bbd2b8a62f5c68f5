-- Rows of every table as they were at shop 0005 and orders 0007, written by pg_dump --inserts.
-- They show that a shop that was opened then survives every migration since: never edited.

INSERT INTO shop_user (password, last_login, id, email, name, is_active, is_superuser, is_demo, date_joined) VALUES
	('!', NULL, '01a1ff75-ec4c-772b-aea2-18096c194084', 'persona-2@example.com', '', true, false, false, '2026-11-21 18:54:41.644915+00'),
	('!', NULL, '01a1ff75-fa79-7771-be49-477e12749ef9', 'persona-14@example.com', '', true, false, false, '2026-11-21 18:54:45.291042+00');
INSERT INTO account_emailaddress (id, email, verified, "primary", user_id) VALUES
	(1, 'persona-2@example.com', true, true, '01a1ff75-ec4c-772b-aea2-18096c194084');
INSERT INTO shop_organization (id, name, slug, tagline, about, industry, size, language, timezone, currency, legal_name, tax_id, address_line, city, email, phone, whatsapp, logo, icon, hero, hero_text, brand_colour, accent_colour, settings, is_live, is_active, is_demo, created_at) VALUES
	('01a1ff75-ec41-7528-ba09-683259db9ddc', 'Tienda Uno', 'tienda-1', '', '', '', '', 'es', 'America/Bogota', 'COP', '', '', '', '', '', '', '', NULL, NULL, NULL, '', '#1f3d36', '#b7791f', '{}', false, true, false, '2026-11-21 18:54:40.707336+00');
INSERT INTO logistics_ratetable (id, name, kind, description, carrier, "position", allows_cash_on_delivery, is_active, is_demo, organization_id) VALUES
	('01a1ff75-f39a-7498-9677-d3986bf055da', 'Envío nacional', 'delivery', '', '', 0, true, true, false, '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO logistics_rate (id, is_covered, heaviest_grams, lowest_order_value, price, free_from, days_min, days_max, allows_cash_on_delivery, cash_on_delivery_fee, department_id, municipality_id, table_id) VALUES
	('01a1ff75-f3af-733e-b8d1-a1e769502ad0', true, NULL, 0, 1000000, NULL, 2, 4, true, 0, NULL, NULL, '01a1ff75-f39a-7498-9677-d3986bf055da');
INSERT INTO mfa_authenticator (id, type, data, user_id, created_at, last_used_at) VALUES
	(1, 'totp', '{"secret": "gAAAAABrAej1Q3NvgwXul7kHBjbIrsUBOaG3VYaP4jpxjOccpkHBQwWgRHsjjaOuDxnrRmZ-9LwO7SxCNZaxcvn1bhCHso6ywmS0vK093Q2QdXbRZygcZoI="}', '01a1ff75-ec4c-772b-aea2-18096c194084', '2026-11-21 18:54:45.390513+00', NULL);
INSERT INTO shop_customer (id, reference, name, email, phone, document_type, document_number, status, tags, source, notes, order_count, last_order_at, created_at, user_id, organization_id) VALUES
	('01a1ff75-f364-742a-85f3-3c8b8452a9d5', 'TIENDA-C-26-0001', 'Compra Uno', 'compra-uno@example.com', '', '', '', 'active', '[]', '', '', 1, '2026-11-21 18:54:44.139994+00', '2026-11-21 18:54:42.548198+00', NULL, '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO orders_cart (id, voucher_code, draft, created_at, changed_at, ordered_at, customer_id, organization_id, prepared_by_id) VALUES
	('01a1ff75-f3b5-7192-b40a-824826506774', '', '{}', '2026-11-21 18:54:42.613956+00', '2026-11-21 18:54:42.613971+00', '2026-11-21 18:54:42.644111+00', NULL, '01a1ff75-ec41-7528-ba09-683259db9ddc', NULL),
	('01a1ff75-fe40-77fb-978a-224ff22ee159', '', '{"name": "Borrador Uno"}', '2026-11-21 18:54:45.312494+00', '2026-11-21 18:54:45.312509+00', NULL, '01a1ff75-f364-742a-85f3-3c8b8452a9d5', '01a1ff75-ec41-7528-ba09-683259db9ddc', '01a1ff75-fa79-7771-be49-477e12749ef9');
INSERT INTO shop_category (id, name, slug, description, picture, "position", is_listed, parent_id, organization_id) VALUES
	('01a1ff75-f02c-7105-add8-cc7324e5dac2', 'Aceites', 'categoria-3', '', NULL, 0, true, NULL, '01a1ff75-ec41-7528-ba09-683259db9ddc'),
	('01a1ff75-f035-7133-893e-557232f9c16d', 'Categoría 5', 'categoria-5', '', NULL, 0, true, NULL, '01a1ff75-ec41-7528-ba09-683259db9ddc'),
	('01a1ff75-f1c0-75a3-94c4-11640d30024b', 'Categoría 10', 'categoria-10', '', NULL, 0, true, NULL, '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO shop_product (id, name, slug, summary, description, ingredients, how_to_use, tips, certifications, marketplace_url, no_withdrawal_reason, option1_name, option2_name, is_active, is_featured, published_at, withdrawn_at, is_demo, created_at, changed_at, listing_price, listing_compare_at_price, has_several_prices, is_available, is_low, cover, benefit_slugs, search, name_search, category_id, organization_id) VALUES
	('01a1ff75-f044-75cc-a8b9-498f24c7a0e7', 'Lavanda', 'producto-4', '', '', '', '', '', '', '', '', 'Tamaño', '', true, false, '2026-11-21 18:54:41.732825+00', NULL, false, '2026-11-21 18:54:41.733137+00', '2026-11-21 18:54:41.733141+00', 2490000, NULL, false, true, false, NULL, '{}', '''10'':10B ''20'':8B ''5'':7B ''6'':3A ''7'':5A ''categori'':6B ''lavand'':1A ''ml'':9B,11B ''sku'':2A,4A', '''10'':10B ''20'':8B ''5'':7B ''6'':3A ''7'':5A ''categori'':6B ''lavand'':1A ''ml'':9B,11B ''sku'':2A,4A', '01a1ff75-f035-7133-893e-557232f9c16d', '01a1ff75-ec41-7528-ba09-683259db9ddc'),
	('01a1ff75-f1cd-7548-ba80-583a086c7e49', 'Crema Uno', 'producto-9', '', '', '', '', '', '', '', '', '', '', true, false, '2026-11-21 18:54:42.125607+00', NULL, false, '2026-11-21 18:54:42.125959+00', '2026-11-21 18:54:42.125963+00', 2490000, NULL, false, true, false, NULL, '{}', '''10'':7B ''11'':3A ''12'':5A ''categori'':6B ''crem'':1A ''sku'':2A,4A ''tarr'':8B,10B', '''10'':7B ''11'':3A ''12'':5A ''categori'':6B ''crem'':1A ''sku'':2A,4A ''tarr'':8B,10B', '01a1ff75-f1c0-75a3-94c4-11640d30024b', '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO shop_variant (id, sku, name, option1, option2, price, compare_at_price, tax_category, weight_grams, width_cm, height_cm, length_cm, "position", is_active, changed_at, organization_id, picture_id, product_id) VALUES
	('01a1ff75-f059-70b2-a454-255c1354b7a2', 'SKU-6', '', '10 ml', '', 2490000, NULL, 'iva19', 0, 0, 0, 0, 0, true, '2026-11-21 18:54:41.753529+00', '01a1ff75-ec41-7528-ba09-683259db9ddc', NULL, '01a1ff75-f044-75cc-a8b9-498f24c7a0e7'),
	('01a1ff75-f0db-7506-add3-aa3c216fbd87', 'SKU-7', '', '20 ml', '', 2490000, NULL, 'iva19', 0, 0, 0, 0, 1, true, '2026-11-21 18:54:41.88426+00', '01a1ff75-ec41-7528-ba09-683259db9ddc', NULL, '01a1ff75-f044-75cc-a8b9-498f24c7a0e7'),
	('01a1ff75-f1df-77e9-a6dd-84cb9aaa93f6', 'SKU-11', '', '', '', 2490000, NULL, 'iva19', 0, 0, 0, 0, 0, true, '2026-11-21 18:54:42.143408+00', '01a1ff75-ec41-7528-ba09-683259db9ddc', NULL, '01a1ff75-f1cd-7548-ba80-583a086c7e49'),
	('01a1ff75-f2de-7318-a786-0d57770f23b5', 'SKU-12', 'Tarro Uno', 'Tarro Uno', '', 2490000, NULL, 'iva19', 0, 0, 0, 0, 0, true, '2026-11-21 18:54:42.398567+00', '01a1ff75-ec41-7528-ba09-683259db9ddc', NULL, '01a1ff75-f1cd-7548-ba80-583a086c7e49');
INSERT INTO orders_cartline (id, quantity, seen_price, cart_id, variant_id) VALUES
	('01a1ff75-f3c4-76a8-958e-ecd543ad4133', 1, 2490000, '01a1ff75-f3b5-7192-b40a-824826506774', '01a1ff75-f2de-7318-a786-0d57770f23b5');
INSERT INTO orders_dailyproductsales (id, day, is_test, orders, quantity, sales, organization_id, variant_id) VALUES
	('01a1ff75-ffcd-7410-af14-6f1e1c65af93', '2026-11-01', false, 1, 1, 1, '01a1ff75-ec41-7528-ba09-683259db9ddc', '01a1ff75-f059-70b2-a454-255c1354b7a2');
INSERT INTO orders_dailysales (id, day, is_test, method, orders_placed, orders_paid, sales, refunds, organization_id) VALUES
	('01a1ff75-ffbd-77a5-925b-67fbf511d713', '2026-11-01', false, 'xmethod', 1, 1, 1, 1, '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO orders_paymentaccount (id, provider, name, description, is_live, is_active, "position", secrets, settings, created_at, organization_id, is_demo) VALUES
	('01a1ff75-f1ba-75ab-a8a0-231f261d4e4c', 'practice', 'Pago Uno', '', false, true, 0, '', '{}', '2026-11-21 18:54:42.107299+00', '01a1ff75-ec41-7528-ba09-683259db9ddc', false),
	('01a1ff75-fe66-714f-ae6e-e0ae68471101', 'stripe', 'Pago 15', '', false, true, 0, 'gAAAAABrAej1V8adqFlB024TZ_0I9m2ljkM7Owqsyesi_vjoLOCKeYviwHR9gd7H0Gn509t8xIrBJmgZtdF_D4rtLR_vyw7MawBXROht3NF2E_3RPlMxtHY=', '{}', '2026-11-21 18:54:45.350915+00', '01a1ff75-ec41-7528-ba09-683259db9ddc', false);
INSERT INTO orders_gatewayevent (id, event_id, kind, reference, transaction_id, payload, received_at, handled_at, tries, error, account_id, try_at) VALUES
	('01a1ff75-fa1a-751d-9133-d6634259c3af', 'event-Uno', 'transaction.updated', '', '', '{"word": "Uno"}', '2026-11-21 18:54:44.248374+00', NULL, 0, '', '01a1ff75-f1ba-75ab-a8a0-231f261d4e4c', '2026-11-21 18:54:44.250563+00');
INSERT INTO orders_order (id, number, status, payment, concern, source, is_test, language, external_reference, name, email, phone, document_type, document_number, search, notes, delivery, billing, delivery_code, delivery_label, delivery_days_min, delivery_days_max, is_pickup, currency, subtotal, discount, shipping, cash_fee, tax, total, due_first, paid, refunded, voucher_code, payment_method, terms_version, terms_accepted_at, accepted_from, placed_at, expires_at, paid_at, confirmed_at, shipped_at, delivered_at, cancelled_at, cancel_reason, changed_at, cart_id, customer_id, organization_id, account_id) VALUES
	('01a1ff75-f3e2-7676-8ac0-af36a4a2c976', 1001, 'confirmed', 'paid', '', 'web', true, 'es', '', 'Recibe Uno', 'ana-13@example.com', '+573001200013', 'CC', '1020304050', '1001 ana gomez ana-13@example.com +573001200013 1020304050', 'Nota Uno', '{"line": "Carrera 7 # 71-21", "notes": "", "phone": "+573001200013", "recipient": "Ana Gómez", "complement": "", "department": "Bogotá, D.C.", "postal_code": "", "municipality": "Bogotá, D.C.", "neighbourhood": "Chapinero", "department_code": "11", "municipality_code": "11001"}', NULL, 'rate-01a1ff75f39a74989677d3986bf055da', 'Envío nacional', 2, 4, false, 'COP', 2490000, 0, 1000000, 0, 397563, 3490000, 3490000, 3490000, 0, '', 'practice', '2026-11', '2026-11-21 18:54:42.644111+00', NULL, '2026-11-21 18:54:42.644111+00', NULL, '2026-11-21 18:54:44.139994+00', '2026-11-21 18:54:44.139994+00', NULL, NULL, NULL, '', '2026-11-21 18:54:44.196129+00', '01a1ff75-f3b5-7192-b40a-824826506774', '01a1ff75-f364-742a-85f3-3c8b8452a9d5', '01a1ff75-ec41-7528-ba09-683259db9ddc', '01a1ff75-f1ba-75ab-a8a0-231f261d4e4c');
INSERT INTO orders_paymentattempt (id, reference, status, amount, currency, gateway_id, url, expires_at, proof, proof_at, ask_at, asked, created_at, account_id, order_id) VALUES
	('01a1ff75-f3ff-711a-9c68-282bb44f1f84', '1001-1-dywaaetk95', 'approved', 3490000, 'COP', '', 'https://tienda.example/practica/pago/1001-1-dywaaetk95/', '2026-11-21 19:24:42.644111+00', '', NULL, '2026-11-21 18:56:43.15214+00', 0, '2026-11-21 18:54:42.644111+00', '01a1ff75-f1ba-75ab-a8a0-231f261d4e4c', '01a1ff75-f3e2-7676-8ac0-af36a4a2c976');
INSERT INTO orders_gatewaytransaction (id, gateway_id, reference, status, amount, refunded, currency, method, message, problem, seen_at, changed_at, account_id, attempt_id) VALUES
	('01a1ff75-f9c4-7040-8b04-ea6fefa78bba', 'tx-1001-1-dywaaetk95', '1001-1-dywaaetk95', 'approved', 3490000, 0, 'COP', '', '', '', '2026-11-21 18:54:44.139994+00', '2026-11-21 18:54:44.139994+00', '01a1ff75-f1ba-75ab-a8a0-231f261d4e4c', '01a1ff75-f3ff-711a-9c68-282bb44f1f84');
INSERT INTO orders_idempotentrequest (id, caller, key, digest, status, headers, body, created_at, organization_id) VALUES
	('01a1ff75-ff6c-7413-856e-8870e38d0f0e', 'xcaller', 'xkey', 'xdigest', 1, '{}', NULL, '2026-11-21 18:54:45.61278+00', '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO orders_orderevent (id, kind, before, after, data, note, is_public, actor_label, mail, mail_tried_at, mail_sent_at, mail_error, at, actor_id, order_id) VALUES
	('01a1ff75-f3e7-77c1-bf1c-136d170d5f0a', 'placed', '', 'pending', '{}', '', true, 'buyer', 'queued', NULL, NULL, '', '2026-11-21 18:54:42.644111+00', NULL, '01a1ff75-f3e2-7676-8ac0-af36a4a2c976'),
	('01a1ff75-f9a5-7188-9bbe-f2c1b8b79a57', 'payment_started', '', '', '{"amount": 3490000, "method": "Pago Uno", "currency": "COP"}', '', false, 'buyer', '', NULL, NULL, '', '2026-11-21 18:54:43.15214+00', NULL, '01a1ff75-f3e2-7676-8ac0-af36a4a2c976'),
	('01a1ff75-f9dc-7721-b8c2-4a74ab3535e5', 'paid', '', '', '{"amount": 3490000, "currency": "COP"}', '', true, 'gateway', '', NULL, NULL, '', '2026-11-21 18:54:44.139994+00', NULL, '01a1ff75-f3e2-7676-8ac0-af36a4a2c976'),
	('01a1ff75-f9eb-71c1-bc02-7d667f399384', 'confirmed', 'pending', 'confirmed', '{}', '', true, 'gateway', 'queued', NULL, NULL, '', '2026-11-21 18:54:44.139994+00', NULL, '01a1ff75-f3e2-7676-8ac0-af36a4a2c976'),
	('01a1ff75-fa43-70b1-b087-25afcecf6a4a', 'refund_requested', '', '', '{"amount": 10000, "due_on": "2026-12-06", "currency": "COP"}', '', true, '', 'queued', NULL, NULL, '', '2026-11-21 18:54:44.248374+00', NULL, '01a1ff75-f3e2-7676-8ac0-af36a4a2c976');
INSERT INTO orders_orderline (id, "position", sku, name, label, unit_price, quantity, discount, total, tax_category, tax, no_withdrawal_reason, order_id, variant_id) VALUES
	('01a1ff75-f3e2-7676-8ac0-af37b4510c09', 0, 'SKU-12', 'Crema Uno', 'Tarro Uno', 2490000, 1, 0, 2490000, 'iva19', 397563, '', '01a1ff75-f3e2-7676-8ac0-af36a4a2c976', '01a1ff75-f2de-7318-a786-0d57770f23b5');
INSERT INTO orders_ordershipment (id, carrier, tracking_number, tracking_url, shipped_at, order_id) VALUES
	('01a1ff75-ff8e-73fc-ad21-9e95f586dc1c', 'xcarrier', 'xtracking_number', 'xtracking_url', '2026-11-21 18:54:45.646143+00', '01a1ff75-f3e2-7676-8ac0-af36a4a2c976');
INSERT INTO orders_practicepayment (id, reference, amount, currency, return_url, transactions, refunds, created_at, account_id) VALUES
	('01a1ff75-f5f0-71a6-b0e2-10e60e7ae3cc', '1001-1-dywaaetk95', 3490000, 'COP', 'https://tienda.example/volver/', '[]', '{}', '2026-11-21 18:54:43.184428+00', '01a1ff75-f1ba-75ab-a8a0-231f261d4e4c');
INSERT INTO orders_refund (id, amount, method, status, reason, note, due_on, gateway_id, proof, error, requested_at, ask_at, asked, done_at, done_by_id, order_id, requested_by_id, transaction_id) VALUES
	('01a1ff75-fa40-77ae-864d-046eab2e4cbc', 10000, 'gateway_refund', 'requested', 'other', 'Devuelve Uno', '2026-12-06', '', '', '', '2026-11-21 18:54:44.248374+00', '2026-11-21 18:54:44.248374+00', 0, NULL, NULL, '01a1ff75-f3e2-7676-8ac0-af36a4a2c976', NULL, '01a1ff75-f9c4-7040-8b04-ea6fefa78bba');
INSERT INTO orders_returnrequest (id, number, kind, status, reason, refund_to, answer, ask_until, pay_until, requested_at, received_at, closed_at, order_id, organization_id, refund_id, requested_by_id) VALUES
	('01a1ff75-fa5c-757a-9ed4-60c9448cdf42', 1, 'other', 'requested', 'Motivo Uno', '', '', NULL, NULL, '2026-11-21 18:54:44.248374+00', NULL, NULL, '01a1ff75-f3e2-7676-8ac0-af36a4a2c976', '01a1ff75-ec41-7528-ba09-683259db9ddc', NULL, NULL);
INSERT INTO orders_returnline (id, quantity, restocked, written_off, line_id, request_id) VALUES
	('01a1ff75-ffad-73b8-a6c6-d62801e6cb8f', 1, 0, 0, '01a1ff75-f3e2-7676-8ac0-af37b4510c09', '01a1ff75-fa5c-757a-9ed4-60c9448cdf42');
INSERT INTO orders_voucher (id, code, kind, percent, amount, minimum, starts_at, ends_at, "limit", limit_per_customer, used, is_active, created_at, organization_id, is_demo) VALUES
	('01a1ff75-fa70-7592-9c0b-2feea77c1a23', 'CUPONUNO', 'percent', 10, 0, 0, NULL, NULL, NULL, NULL, 0, true, '2026-11-21 18:54:44.336837+00', '01a1ff75-ec41-7528-ba09-683259db9ddc', false);
INSERT INTO orders_voucheruse (id, amount, used_at, returned_at, customer_id, order_id, voucher_id) VALUES
	('01a1ff75-fff0-7443-a7ed-4581bb14b688', 1, '2026-11-21 18:54:45.744658+00', NULL, '01a1ff75-f364-742a-85f3-3c8b8452a9d5', '01a1ff75-f3e2-7676-8ac0-af36a4a2c976', '01a1ff75-fa70-7592-9c0b-2feea77c1a23');
INSERT INTO shop_address (id, recipient, phone, line, complement, neighbourhood, postal_code, notes, is_default, created_at, customer_id, municipality_id) VALUES
	('01a1ff75-ff26-770d-9342-5b28f5c4367b', 'xrecipient', 'xphone', 'xline', 'xcomplement', 'xneighbourhood', 'xpostal_co', 'xnotes', false, '2026-11-21 18:54:45.542485+00', '01a1ff75-f364-742a-85f3-3c8b8452a9d5', '05002');
INSERT INTO shop_auditentry (id, actor_label, action, model, row_id, row_label, changes, source, at, actor_id, organization_id) VALUES
	('01a1ff75-ff45-75cc-865a-3573e334ea8c', 'xactor_label', 'added', 'xmodel', 'xrow_id', 'xrow_label', '{}', 'admin', '2026-11-21 18:54:45.573341+00', '01a1ff75-fa79-7771-be49-477e12749ef9', '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO shop_benefit (id, name, slug, organization_id) VALUES
	('01a1ff75-fee8-776b-bf8c-ad429e506719', 'xname', 'xslug', '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO shop_consent (id, purpose, version, granted_at, withdrawn_at, address, source, customer_id) VALUES
	('01a1ff75-f3ec-75ea-ac23-c89fd168abbf', 'terms', '2026-11', '2026-11-21 18:54:42.644111+00', NULL, NULL, 'web', '01a1ff75-f364-742a-85f3-3c8b8452a9d5'),
	('01a1ff75-f3ec-75ea-ac23-c8a05520afbf', 'privacy', '2026-11', '2026-11-21 18:54:42.644111+00', NULL, NULL, 'web', '01a1ff75-f364-742a-85f3-3c8b8452a9d5');
INSERT INTO shop_customeridentity (id, kind, account, value, verified_at, customer_id, organization_id) VALUES
	('01a1ff75-f378-74ee-a0e8-49f784fae87a', 'email', '', 'compra-uno@example.com', NULL, '01a1ff75-f364-742a-85f3-3c8b8452a9d5', '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO shop_domain (id, host, is_primary, verified_at, organization_id) VALUES
	('01a1ff75-ec48-77c7-91a1-616274ba077d', 'tienda.example.com', true, '2026-11-21 18:54:40.712109+00', '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO shop_membership (id, role, is_active, invited_at, last_seen_on, created_at, user_id, organization_id) VALUES
	('01a1ff75-f01d-772d-9400-2ea8c0a5e52f', 'owner', true, NULL, NULL, '2026-11-21 18:54:41.693515+00', '01a1ff75-ec4c-772b-aea2-18096c194084', '01a1ff75-ec41-7528-ba09-683259db9ddc'),
	('01a1ff75-fe36-747d-9e98-cbf16bdf9fbb', 'support', true, NULL, NULL, '2026-11-21 18:54:45.302847+00', '01a1ff75-fa79-7771-be49-477e12749ef9', '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO shop_product_benefits (id, product_id, benefit_id) VALUES
	(1, '01a1ff75-f1cd-7548-ba80-583a086c7e49', '01a1ff75-fee8-776b-bf8c-ad429e506719');
INSERT INTO shop_savedview (id, list, name, query, organization_id, user_id) VALUES
	('01a1ff75-ff58-7500-a5d3-6bedc22d5662', 'xlist', 'xname', 'xquery', '01a1ff75-ec41-7528-ba09-683259db9ddc', '01a1ff75-fa79-7771-be49-477e12749ef9');
INSERT INTO shop_searchword (id, word, sound, organization_id) VALUES
	('01a1ff75-f07e-7684-a742-2277b29c03c8', 'categoria', 'kategoria', '01a1ff75-ec41-7528-ba09-683259db9ddc'),
	('01a1ff75-f07e-7684-a742-227837c48ea3', 'lavanda', 'labanda', '01a1ff75-ec41-7528-ba09-683259db9ddc'),
	('01a1ff75-f21f-767b-9be3-5bdca9f5f880', 'crema', 'krema', '01a1ff75-ec41-7528-ba09-683259db9ddc'),
	('01a1ff75-f21f-767b-9be3-5bdd5e152aeb', 'uno', 'uno', '01a1ff75-ec41-7528-ba09-683259db9ddc'),
	('01a1ff75-f329-7146-985c-355b90424050', 'tarro', 'taro', '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO shop_sequence (id, name, value, organization_id) VALUES
	('01a1ff75-f365-72d6-afb4-990abfc2f1a1', 'customer-26', 1, '01a1ff75-ec41-7528-ba09-683259db9ddc'),
	('01a1ff75-f3f4-706d-853f-836008223bf3', 'order', 1, '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO shop_stockcheck (id, at, variants, differences, organization_id) VALUES
	('01a1ff75-fe58-70af-892a-973343d2cc29', '2026-11-21 18:54:44.248374+00', 4, '[]', '01a1ff75-ec41-7528-ba09-683259db9ddc');
INSERT INTO shop_stocklevel (variant_id, on_hand, reserved, low_at) VALUES
	('01a1ff75-f059-70b2-a454-255c1354b7a2', 10, 0, 5),
	('01a1ff75-f0db-7506-add3-aa3c216fbd87', 10, 0, 5),
	('01a1ff75-f1df-77e9-a6dd-84cb9aaa93f6', 10, 0, 5),
	('01a1ff75-f2de-7318-a786-0d57770f23b5', 9, 0, 5);
INSERT INTO shop_stockmovement (id, quantity, reason, reference, at, person_id, variant_id) VALUES
	('01a1ff75-f0ac-713a-9600-bd77451b72b4', 10, 'opening', '', '2026-11-21 18:54:41.836523+00', NULL, '01a1ff75-f059-70b2-a454-255c1354b7a2'),
	('01a1ff75-f16e-70b5-83da-a6e2cd08d4a4', 10, 'opening', '', '2026-11-21 18:54:42.030394+00', NULL, '01a1ff75-f0db-7506-add3-aa3c216fbd87'),
	('01a1ff75-f24f-74a1-b3d3-c5aa88fb48c4', 10, 'opening', '', '2026-11-21 18:54:42.256203+00', NULL, '01a1ff75-f1df-77e9-a6dd-84cb9aaa93f6'),
	('01a1ff75-f349-7518-9fe9-38ee2320d754', 10, 'opening', '', '2026-11-21 18:54:42.505958+00', NULL, '01a1ff75-f2de-7318-a786-0d57770f23b5'),
	('01a1ff75-f9e9-70e9-95ce-757f6c7513e1', -1, 'sold', '#1001', '2026-11-21 18:54:44.201875+00', NULL, '01a1ff75-f2de-7318-a786-0d57770f23b5');
INSERT INTO shop_stockreservation (id, holder, quantity, status, expires_at, created_at, variant_id) VALUES
	('01a1ff75-f3f3-741b-b005-1caab27583b7', '01a1ff75-f3e2-7676-8ac0-af36a4a2c976', 1, 'used', '2026-11-21 19:24:42.644111+00', '2026-11-21 18:54:42.675244+00', '01a1ff75-f2de-7318-a786-0d57770f23b5');
SELECT pg_catalog.setval('public.account_emailaddress_id_seq', 1, true);
SELECT pg_catalog.setval('public.mfa_authenticator_id_seq', 1, true);
SELECT pg_catalog.setval('public.shop_product_benefits_id_seq', 1, true);
INSERT INTO orders_salesstate (organization_id, counted_at, basis) VALUES
	('01a1ff75-ec41-7528-ba09-683259db9ddc', NULL, 'x');
INSERT INTO shop_picture (id, product_id, key, widths, width, height, description, position) VALUES
	('01a1ff75-0000-7000-8000-000000000001', '01a1ff75-f044-75cc-a8b9-498f24c7a0e7', 'x', '{400,800}', 800, 1000, 'Lavanda', 0);
